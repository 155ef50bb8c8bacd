import {
  accept,
  type ChainId,
  type CoordinatorId,
  digestText,
  type Place,
  refuse,
  sealDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed, noon, usualRates } from '../../test/cast.ts'
import { listLog } from '../../test/scripted-mesh.ts'
import { machineTime } from '../time.ts'
import { Succession, type SuccessionGround } from './succession.ts'

test('who is told to go waits for the end of an adoption: its ledger is open', async () => {
  const digest = digestText(sha256(Uint8Array.of(1)))
  const chain = digest as unknown as ChainId
  const keys = ['ann', 'bob'].map((name) => keyNamed(name)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const [own, writer] = keys.map(({ id }) => id as CoordinatorId) as [CoordinatorId, CoordinatorId]
  const members = [own, writer].map((coordinator) => ({ coordinator, addresses: [] }))
  const signers = [own, writer]
  const cut = { size: 3, head: digest, successor: own }
  const seal = sign(sealDocument, { v: 1, chain, epoch: 0, ...cut, issued: noon, signers }, ...keys)
  const governance = {
    ...{ mesh: digest as never, members, quorum: 2, rates: usualRates },
    ...{ revision: 0, prev: digest },
  }
  const governed = { governance, electorateAt: async () => accept(governance) }
  const known = { epoch: 0, writer, ...governed, size: 1, stood: undefined, cosigned: 0 }
  const adopting = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<number>()
  const gone = new AbortController()
  const succession = new Succession(
    {
      ...{ own, voting: {}, log: listLog(), homes: () => [], lost: () => {} },
      others: { keys: [] },
      memory: { seal: async () => ({ ok: true, value: seal }) },
      copies: () => ({
        ...{ chains: [chain], known: () => ({ ...known }) },
        holds: async (_: ChainId, { size }: Place) => known.size >= size,
      }),
      // A second goes by, and one entry more has come.
      time: {
        ...machineTime,
        after: (_: number, act: () => void) => {
          const timer = setImmediate(() => {
            known.size++
            act()
          })
          return () => clearImmediate(timer)
        },
      },
      adopt: () => {
        begun.resolve(known.size)
        return adopting.promise
      },
    } as unknown as SuccessionGround,
    gone.signal,
  )
  succession.begin()
  // What its seal counts was there before.
  expect(await begun.promise).toBe(3)
  gone.abort()
  let isOver = false
  const over = succession[Symbol.asyncDispose]().then(() => {
    isOver = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  adopting.resolve()
  await over
})

test('who left a chain of its own lets the others end it', async () => {
  const digest = digestText(sha256(Uint8Array.of(1)))
  const chain = digest as unknown as ChainId
  const own = keyNamed('ann').id as CoordinatorId
  const bob = keyNamed('bob').id as CoordinatorId
  const members = [own, bob].map((coordinator) => ({ coordinator, addresses: [] }))
  const proposed = async (writer: CoordinatorId) => {
    const governance = { members, quorum: 2 }
    const known = { epoch: 0, writer, governance, electorateAt: async () => accept(governance) }
    const gone = new AbortController()
    const log = listLog()
    let now = 0
    const succession = new Succession(
      {
        ...{ own, log, homes: () => [], lost: () => {} },
        voting: { isFrozen: () => false, memory: {} },
        others: {
          keys: [],
          askAside: async () => refuse('wire.unreachable'),
          askAllAside: async () => [],
        },
        memory: { seal: async () => accept(undefined), vow: async () => accept(undefined) },
        copies: () => ({ chains: [chain], known: () => known }),
        time: {
          now: () => now,
          wall: () => noon,
          after: (ms: number, act: () => void) => {
            now += ms
            if (now > 60_000) gone.abort()
            const timer = setImmediate(act)
            return () => clearImmediate(timer)
          },
        },
      } as unknown as SuccessionGround,
      gone.signal,
    )
    Object.assign(succession.voter, { answer: async () => refuse('ledger.heard') })
    succession.begin()
    await succession[Symbol.asyncDispose]()
    return log.lines.some(({ what }) => what === 'proposes to end an epoch')
  }
  expect(await proposed(bob)).toBe(true)
  expect(await proposed(own)).toBe(false)
})
