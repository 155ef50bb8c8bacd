import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type CoordinatorId,
  digestText,
  limits,
  type Place,
  refuse,
  type Signer,
  sealDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { keyNamed, noon, standShown, usualRates } from '../../test/cast.ts'
import { listLog } from '../../test/scripted-mesh.ts'
import { machineTime } from '../time.ts'
import { Succession, type SuccessionGround } from './succession.ts'

const digest = digestText(sha256(Uint8Array.of(1)))
const chain = digest as unknown as ChainId

/** Who goes on, and who wrote before. */
const keys = ['ann', 'bob'].map((name) => keyNamed(name)).sort((a, b) => (a.id < b.id ? -1 : 1))

/** A successor, of a chain of which entries come; what the other says of the epoch behind it. */
function successorTold(says: Answer<AnswerMessage>) {
  const [own, writer] = keys.map(({ id }) => id as CoordinatorId) as [CoordinatorId, CoordinatorId]
  const members = [own, writer].map((coordinator) => ({ coordinator, addresses: [] }))
  const signers = [own, writer]
  const cut = { size: 3, head: digest, successor: own }
  const seal = sign(sealDocument, { v: 1, chain, epoch: 0, ...cut, issued: noon, signers }, ...keys)
  const governance = {
    ...{ mesh: digest as never, members, quorum: 2, rates: usualRates },
    ...{ revision: 0, prev: digest },
  }
  const governed = {
    governance,
    electorateAt: async () => accept(governance),
    isAtRest: async () => false,
  }
  const known = { epoch: 0, writer, ...governed, size: 1, stood: undefined, cosigned: 0 }
  const adopting = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<number>()
  const gone = new AbortController()
  const succession = new Succession(
    {
      ...{ own, voting: {}, log: listLog(), homes: () => [], lost: () => {} },
      others: { keys: [], askAside: async () => says },
      memory: {
        seal: async () => accept(seal),
        vow: async () => accept({ epoch: 0, signed: cut }),
      },
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
  return { succession, adopting, begun: begun.promise, known, gone }
}

test('a successor that forgot that it has begun an epoch does not begin it again', async () => {
  const shown = standShown(keys[0] as Signer, chain, 1)
  const { succession, begun, known, gone } = successorTold(shown)
  let at: number | undefined
  void begun.then((size) => {
    at = size
  })
  succession.begin()
  while (known.size < 100) await new Promise((resolve) => setImmediate(resolve))
  gone.abort()
  await succession[Symbol.asyncDispose]()
  expect(at).toBeUndefined()
})

test('who is told to go waits for the end of an adoption: its ledger is open', async () => {
  const { succession, adopting, begun, gone } = successorTold(refuse('wire.unreachable'))
  succession.begin()
  // What its seal counts was there before.
  expect(await begun).toBe(3)
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

const other = digestText(sha256(Uint8Array.of(2))) as unknown as ChainId
const ann = keyNamed('ann').id as CoordinatorId
const bob = keyNamed('bob').id as CoordinatorId

/** When it is first proposed to end the epoch of a chain of which nothing is heard; if ever. */
async function proposedAfter({
  writer = bob,
  epoch = 1,
  isAtRest = false,
  isMember = true,
  isHeardFrom = Number.POSITIVE_INFINITY,
  within = 60_000,
}): Promise<number | undefined> {
  const members = [ann, bob].map((coordinator) => ({ coordinator, addresses: [] }))
  const governance = { members, quorum: 2 }
  const electorateAt = async () => accept(governance)
  const known = { epoch, writer, governance, electorateAt, isAtRest: async () => isAtRest }
  const gone = new AbortController()
  const log = listLog()
  let now = 0
  let proposed: number | undefined
  const succession = new Succession(
    {
      ...{ own: ann, log, homes: () => [], lost: () => {} },
      voting: { isFrozen: () => false, memory: {} },
      others: {
        keys: isMember ? [bob] : [],
        askAside: async () => refuse('wire.unreachable'),
        askAllAside: async () => [],
      },
      memory: { seal: async () => accept(undefined), vow: async () => accept(undefined) },
      copies: () => ({
        chains: [chain],
        known: (of: ChainId) => (of === chain ? known : undefined),
      }),
      time: {
        now: () => now,
        wall: () => noon,
        after: (ms: number, act: () => void) => {
          now += ms
          const isProposed = log.lines.some(({ what }) => what === 'proposes to end an epoch')
          if (isProposed) proposed ??= now
          // It writes something, and not this.
          if (now >= isHeardFrom) succession.heard(other, bob)
          if (now > within || isProposed) gone.abort()
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
  return proposed
}

test('who left a chain of its own lets the others end it', async () => {
  expect(await proposedAfter({})).toBeLessThan(limits.silentMs + 5000)
  expect(await proposedAfter({ writer: ann })).toBeUndefined()
})

describe('a chain that was taken over, and on which nothing is open', () => {
  const isAtRest = true
  test('waits longer for who is away', async () => {
    expect(await proposedAfter({ isAtRest })).toBeUndefined()
    const after = await proposedAfter({ isAtRest, within: 2 * limits.restMs })
    expect(after).toBeGreaterThan(limits.restMs)
    expect(after).toBeLessThan(limits.restMs + 5000)
  })

  test('waits no longer for who is there, and has lost it', async () => {
    const after = await proposedAfter({ isAtRest, isHeardFrom: 30_000 })
    expect(after).toBeGreaterThan(30_000 + limits.silentMs)
    expect(after).toBeLessThan(30_000 + limits.silentMs + 5000)
  })

  test('waits longer than one that nobody had ended before', async () => {
    expect(await proposedAfter({ isAtRest, epoch: 0 })).toBeLessThan(limits.silentMs + 5000)
  })

  test('waits no longer for who was taken out of the roster', async () => {
    expect(await proposedAfter({ isAtRest, isMember: false })).toBeLessThan(limits.silentMs + 5000)
  })
})
