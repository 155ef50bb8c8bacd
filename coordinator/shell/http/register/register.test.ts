import type { ChainId, CoordinatorId } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed, noon } from '../../../test/cast.ts'
import { ScriptedChain } from '../../../test/scripted-chain.ts'
import { coordinatorIn, Folders, jobOf, valued } from '../../../test/scripted-mesh.ts'
import { type ChainHere, Chains, FollowedChain, type Had } from '../../chains.ts'
import { Feed } from '../../home/feed.ts'
import { machineTime as time } from '../../time.ts'
import { Register } from './register.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const within = () => AbortSignal.timeout(10_000)

describe('a register that is behind', () => {
  test('answers when it has all that was on the disk, or says that it has not', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const { view, chain, chains } = coordinator
    const begin = Promise.withResolvers<void>()
    const own = chains.of(chain) as ChainHere
    const late = new Chains()
    late.add({
      ...{ chain, role: 'own', view, standing: () => own.standing() },
      get shown() {
        return own.shown
      },
      entry: (seq) => own.entry(seq),
      page: (from, count) => own.page(from, count),
      async *entries(had: Had, signal: AbortSignal) {
        await begin.promise
        yield* own.entries(had, signal)
      },
    })
    await using register = await Register.open(folders.next(), { chains: late, view, time })
    // Nobody is kept waiting for it: on this clock each wait is over at once.
    const after = (_: number, run: () => void) => {
      const due = setImmediate(run)
      return () => clearImmediate(due)
    }
    const hurried = { chains: late, view, time: { ...time, after } }
    await using other = await Register.open(folders.next(), hurried)
    const patient = within()
    expect(await other.caughtUp(patient)).toMatchObject({ refusal: { code: 'wire.full' } })
    expect(patient.aborted).toBe(false)
    const { id, signed } = jobOf(chain, 1)
    await coordinator.ask({ type: 'publish', job: signed }, within())
    expect(await register.caughtUp(AbortSignal.abort())).toMatchObject({
      refusal: { code: 'wire.full', detail: expect.stringMatching(/^0 of \d+ entries/) },
    })
    const caughtUp = register.caughtUp(within())
    begin.resolve()
    expect(valued(await caughtUp).job(id)).toMatchObject({ id, chain, state: 'open' })
  })
})

const tip = { epoch: 0, coordinator: keyNamed('kim').id as CoordinatorId }

/** A scripted chain on a disk, as one that is followed here. */
async function followed(chain: ScriptedChain) {
  const feed = await chain.feed(folders.next())
  const here = new FollowedChain({ chain: chain.chain, feed, tip }, { isFrozen: () => false })
  return Object.assign(here, { feed, [Symbol.asyncDispose]: () => feed[Symbol.asyncDispose]() })
}

describe('a register of chains that come and go', () => {
  test('takes of a copy what was found true, and goes on where its chain comes again', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const { view } = coordinator
    const begun = new ScriptedChain().grow(20)
    const longer = begun.branch().grow(30)
    await using short = await followed(begun)
    await using long = await followed(longer)
    const chains = new Chains()
    const directory = folders.next()
    {
      await using register = await Register.open(directory, { chains, view, time })
      chains.add(short)
      valued(await register.caughtUp(within()))
      expect(register.sizeOf(begun.chain)).toBe(21)
      // It is given away, and written here from now on.
      const from: number[] = []
      chains.add(counted(long, from))
      valued(await register.caughtUp(within()))
      expect([register.sizeOf(begun.chain), from]).toEqual([51, [21]])
    }
    const again: number[] = []
    chains.add(counted(long, again))
    await using register = await Register.open(directory, { chains, view, time })
    valued(await register.caughtUp(within()))
    expect(again).toEqual([51])
  })

  test('throws all away where a chain is not what it was, and makes it anew', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const { view, chain: own } = coordinator
    const begun = new ScriptedChain().grow(20)
    const [one, other] = [begun.branch().grow(30), begun.branch().grow(30, 7)]
    await using before = await followed(one)
    await using after = await followed(other)
    const chains = new Chains()
    chains.add(coordinator.chains.of(own) as ChainHere)
    const directory = folders.next()
    await using register = await Register.open(directory, { chains, view, time })
    const { id, signed } = jobOf(own, 1)
    await coordinator.ask({ type: 'publish', job: signed }, within())
    chains.add(before)
    const old = valued(await register.caughtUp(within()))
    expect(old.job(id)).toBeDefined()
    const told: [ChainId, number][] = []
    register.onTaken((chain, [first]) => told.push([chain, first?.seq ?? -1]))
    chains.add(after)
    const reads = valued(await register.caughtUp(within()))
    // Who reads for long sees by this that the rest would be of other tables.
    expect(reads).not.toBe(old)
    expect(register.sizeOf(begun.chain)).toBe(51)
    expect(reads.job(id)).toMatchObject({ chain: own })
    // Both are read from their beginnings.
    expect(
      told
        .filter(([, first]) => first === 0)
        .map(([chain]) => chain)
        .sort(),
    ).toEqual([own, begun.chain].sort())
  })

  test('sees that a copy was cut while it waits for more of it', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const begun = new ScriptedChain().grow(20)
    const chain = begun.branch().grow(30)
    await using long = await followed(chain)
    await using short = await followed(begun.branch().grow(2, 7))
    let { store } = long.feed
    const feed = new Feed({
      get tip() {
        return store.tip
      },
      entry: (seq) => store.entry(seq),
      pages: (from, to) => store.pages(from, to),
      inclusion: (seq, size) => store.inclusion(seq, size),
      consistency: (from, size) => store.consistency(from, size),
    })
    feed.stand({ size: 21, checkpoint: begun.checkpoint(), cosignatures: [] })
    feed.stand({ size: 51, checkpoint: chain.checkpoint(), cosignatures: [] })
    const chains = new Chains()
    const { view } = coordinator
    await using register = await Register.open(folders.next(), { chains, view, time })
    chains.add(new FollowedChain({ chain: chain.chain, feed, tip }, { isFrozen: () => false }))
    valued(await register.caughtUp(within()))
    // It stands lower, and all that was taken of it is still there.
    feed.fall(30)
    feed.changed()
    valued(await register.caughtUp(within()))
    expect(register.sizeOf(chain.chain)).toBe(51)
    // Now it is shorter, too.
    const again = new Promise<void>((resolve) => register.onTaken(() => resolve()))
    await feed.aside(async () => {
      store = short.feed.store
    })
    await again
    expect(register.sizeOf(chain.chain)).toBe(21)
  })

  test('waits for no copy that cannot be read, and takes it when it can', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const { view } = coordinator
    await using whole = await followed(new ScriptedChain().grow(20))
    const chains = new Chains()
    let isBroken = true
    const broken: ChainHere = {
      ...{ chain: whole.chain, role: 'followed', view: undefined, shown: 21 },
      standing: () => whole.standing(),
      entry: (seq) => whole.entry(seq),
      page: (from, count) => whole.page(from, count),
      async *entries(had: Had, signal: AbortSignal) {
        const refusal = { code: 'ledger.damaged' as const }
        const now = isBroken
        isBroken = false
        if (now) yield { ok: false as const, refusal }
        else yield* whole.entries(had, signal)
      },
    }
    chains.add(broken)
    await using register = await Register.open(folders.next(), {
      ...{ chains, view },
      time: { ...time, wall: () => noon },
    })
    const taken = new Promise<void>((resolve) => register.onTaken(() => resolve()))
    valued(await register.caughtUp(within()))
    await taken
    expect(register.sizeOf(whole.chain)).toBe(21)
  })
})

/** The same, which notes from where it is read. */
function counted(here: FollowedChain, from: number[]): ChainHere {
  const { chain, role, view, shown } = here
  return {
    ...{ chain, role, view, shown },
    standing: () => here.standing(),
    entry: (seq) => here.entry(seq),
    page: (from, count) => here.page(from, count),
    entries: (had, signal) => {
      from.push(had.size)
      return here.entries(had, signal)
    },
  }
}
