import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type CoordinatorId,
  digestText,
  limits,
  refuse,
  sealDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { keyNamed, noon } from '../../test/cast.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { Memory } from './memory.ts'
import { Succession, type SuccessionGround } from './succession.ts'
import type { SealQuestion } from './voter.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const digest = digestText(sha256(Uint8Array.of(1)))
const chain = digest as unknown as ChainId
const keys = ['ann', 'bob', 'cat'].map((name) => keyNamed(name))
keys.sort((a, b) => (a.id < b.id ? -1 : 1))
const [own, successor, writer] = keys.map(({ id }) => id as CoordinatorId) as [
  CoordinatorId,
  CoordinatorId,
  CoordinatorId,
]
const members = [own, successor, writer].map((coordinator) => ({ coordinator, addresses: [] }))
const cut = { size: 3, head: digest, successor }
const signers = [own, successor, writer]
const seal = sign(sealDocument, { v: 1, chain, epoch: 0, ...cut, issued: noon, signers }, ...keys)

/** When a successor is first asked to promise something, while the writer before it says this. */
async function remindedAfter(
  said: Answer<AnswerMessage>,
  { goesOnAt = Number.POSITIVE_INFINITY, seen = 0 } = {},
): Promise<number | undefined> {
  const governance = { members, quorum: 2 }
  const electorateAt = async () => accept(governance)
  const chains = [chain]
  const known = { epoch: 0, writer, governance, electorateAt, size: 3 }
  const gone = new AbortController()
  await using memory = valued(await Memory.open(folders.next()))
  valued(await memory.keepSeal(seal))
  if (seen > 0)
    valued(await memory.see(chain, { epoch: 1, size: seen, head: digest, root: digest }))
  let now = 0
  let at: number | undefined
  const succession = new Succession(
    {
      ...{ own, voting: {}, log: listLog(), homes: () => [], lost: () => {} },
      others: {
        keys: [successor, writer],
        askAside: async (key: CoordinatorId, question: SealQuestion) => {
          if (key === writer) return said
          if (question.type === 'promise' && question.epoch === 0) at ??= now
          return refuse('ledger.unknown')
        },
        askAllAside: async () => [],
      },
      memory,
      copies: () => ({ chains, known: () => known, holds: async () => true }),
      time: {
        now: () => now,
        wall: () => noon,
        after: (ms: number, act: () => void) => {
          const due = now + ms
          let timer = setImmediate(function look() {
            // Of those who wait, the one that looks every second moves the time.
            if (ms <= 1000) now = due
            if (now >= due) return act()
            timer = setImmediate(look)
          })
          if (now >= goesOnAt) {
            known.epoch = 1
            chains.length = 0
          }
          if (now > 6 * limits.silentMs) gone.abort()
          return () => clearImmediate(timer)
        },
      },
    } as unknown as SuccessionGround,
    gone.signal,
  )
  succession.begin()
  await succession[Symbol.asyncDispose]()
  return at
}

const nothing = accept({ type: 'promised' as const })

test('a successor that does not go on is reminded of its chain', async () => {
  expect(await remindedAfter(nothing)).toBeGreaterThanOrEqual(limits.silentMs)
})

test('a successor that goes on is not', async () => {
  expect(await remindedAfter(nothing, { goesOnAt: 3000 })).toBeUndefined()
})

test('nor is one that may have gone on, and have forgotten that', async () => {
  expect(await remindedAfter(refuse('wire.unreachable'))).toBeUndefined()
  expect(await remindedAfter(accept({ type: 'promised', cosigned: 5 }))).toBeUndefined()
  expect(await remindedAfter(nothing, { seen: 5 })).toBeUndefined()
})
