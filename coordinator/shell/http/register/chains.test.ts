import { accounts, type ChainId, leafHash, merkleTree, type OwnerId } from '@nexapod/specs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { keyNamed, noon, ownerNamed, sweepOf } from '../../../test/cast.ts'
import { codeOf, Rig } from '../../../test/rig.ts'
import { bookOf, closeBooks, readInto } from '../test/books.ts'
import { Database } from './database.ts'

afterEach(closeBooks)

const minute = 60_000
const kim = ownerNamed('kim')
const ann = ownerNamed('ann')

/** Two chains of one mesh; on each, who is named has computed so many units that were paid. */
function twoChains(units: readonly [number, number], names: readonly [string, string]) {
  const rigs = [new Rig(), new Rig({}, { number: 1 })] as const
  const jobs = rigs.map((rig, i) => {
    rig.pass((1 + i) * minute)
    for (const name of names) rig.join(name)
    const job = rig.publish({ ...sweepOf(units[i] ?? 1), project: 'folding' } as never)
    rig.work(Object.fromEntries(names.map((name) => [name, 'right'])))
    rig.pass(2 * minute)
    return job
  })
  return { rigs, jobs }
}

describe('the register of two chains', () => {
  test('adds up what an owner earned on both, for its place, its days and its accounts', () => {
    const { rigs, jobs } = twoChains([3, 5], ['kim', 'ann'])
    const book = bookOf(rigs)
    const { reads } = book
    expect(reads.owner(kim)).toMatchObject({ micro: 16_000, since: noon + minute })
    expect(reads.leaders('all', 1, 9).map(({ micro }) => micro)).toEqual([16_000, 16_000])
    expect(reads.lately(kim)).toEqual({ day: 16_000, week: 16_000, month: 16_000 })
    expect(reads.daysOf(kim, 9)).toMatchObject([{ micro: 16_000 }])
    expect(reads.helped(kim, Number.MAX_SAFE_INTEGER, 9)).toMatchObject([
      { id: jobs[1], micro: 10_000 },
      { id: jobs[0], micro: 6000 },
    ])
    expect(reads.project('folding')).toMatchObject({ jobs: 2, units: 8, micro: 32_000 })
    expect(book.nodes.ownedBy(kim, noon, '', 9)).toEqual([])
    const holdings = book.accounts.holdings(accounts.owner(kim as OwnerId))
    const balances = rigs.map((rig) => ({ chain: rig.chain, micro: rig.credit('kim') }))
    expect(holdings).toEqual(balances.toSorted((a, b) => (a.chain < b.chain ? -1 : 1)))
    expect(reads.leaders('recent', 1, 1)[0]?.recentMicro).toBeGreaterThan(0)
  })

  test('is the same whichever chain is read first', () => {
    const { rigs } = twoChains([3, 5], ['kim', 'ann'])
    const shown = [rigs, rigs.toReversed()].flatMap((order) => {
      return [1, 7, 1000].map((group) => {
        const { reads, accounts: read } = bookOf(order, group)
        const jobs = reads.jobs({}, Number.MAX_SAFE_INTEGER, 9)
        const moves = read.moves(accounts.owner(kim as OwnerId), undefined, 99)
        return {
          jobs: jobs.map(({ id, chain }) => [id, chain]),
          moves: moves.map(({ chain, seq, micro }) => [chain, seq, micro]),
          owner: reads.owner(kim),
        }
      })
    })
    for (const one of shown) expect(one).toEqual(shown[0])
  })

  test('lists jobs and moves in the order of time, each with its chain', () => {
    const { rigs, jobs } = twoChains([3, 5], ['kim', 'ann'])
    const [first, second] = rigs
    first.pass(minute)
    jobs.push(first.publish(sweepOf(1)))
    const { reads, accounts: read } = bookOf(rigs)
    const found = reads.jobs({}, Number.MAX_SAFE_INTEGER, 9)
    expect(found.map(({ id, chain }) => ({ id, chain }))).toEqual([
      { id: jobs[2], chain: first.chain },
      { id: jobs[1], chain: second.chain },
      { id: jobs[0], chain: first.chain },
    ])
    // A page goes on behind the last job of the one before.
    const [newest] = found
    expect(reads.jobs({}, newest?.number ?? 0, 1)[0]?.id).toBe(jobs[1])
    const account = accounts.owner(kim as OwnerId)
    const all = read.moves(account, undefined, 99)
    expect(all.map(({ time }) => time)).toEqual(
      all
        .map(({ time }) => time)
        .toSorted()
        .reverse(),
    )
    expect(new Set(all.map(({ chain }) => chain))).toEqual(new Set(rigs.map(({ chain }) => chain)))
    const paged = []
    for (let behind: number | undefined; ; ) {
      const [one] = read.moves(account, behind, 1)
      if (one === undefined) break
      paged.push(one)
      behind = one.number
    }
    expect(paged).toEqual(all)
  })

  test('counts what was sent over a bridge as earned once, where it was earned', () => {
    const { rigs } = twoChains([3, 5], ['kim', 'ann'])
    const [there, here] = rigs
    const nonce = new Uint8Array(16)
    const before = bookOf(rigs).reads.owner(kim)
    expect(there.act('kim', { type: 'depart', to: here.chain, micro: 700, nonce })).toBe('done')
    const seq = there.size - 1
    const { paths } = merkleTree(there.entries.map(leafHash))
    const away = bookOf(rigs)
    expect(away.reads.owner(kim)).toEqual(before)
    const claim = {
      ...{ type: 'claim' as const, to: here.chain, seq, entry: there.entries[seq] as Uint8Array },
      ...{ path: [...(paths[seq] ?? [])], checkpoint: there.checkpoint(), cosignatures: [] },
    }
    expect(codeOf(here.ask(claim))).toBe('done')
    const { reads, accounts: read } = bookOf(rigs)
    expect(reads.owner(kim)).toEqual(before)
    const credit = (rig: Rig) => rig.credit('kim')
    const holdings = read.holdings(accounts.owner(kim as OwnerId))
    expect(holdings.map(({ micro }) => micro).sort()).toEqual(rigs.map(credit).sort())
    // What left the one has arrived at the other: together there is nothing on the bridge.
    const bridge = accounts.bridge(there.chain, here.chain)
    const [left, came] = [there, here].map((rig) => rig.balance(bridge))
    expect([left, came]).toEqual([700, -700])
    expect(read.holdings(bridge).reduce((sum, { micro }) => sum + micro, 0)).toBe(0)
  })

  test('credits a node to whom it belongs on the chain that it computed for', () => {
    const rigs = [new Rig(), new Rig({}, { number: 1 })] as const
    const [first, second] = rigs
    first.ask({ type: 'delegate', delegation: first.delegation('zoe', 'ann') })
    for (const rig of rigs) {
      for (const name of ['kim', 'ann']) rig.join(name)
      rig.publish(sweepOf(2))
      rig.work({ kim: 'right', ann: 'right' })
    }
    const { reads, nodes } = bookOf(rigs)
    const zoe = keyNamed('zoe').id
    expect([zoe, ann].map((id) => reads.owner(id)?.micro)).toEqual([4000, 4000])
    expect([zoe, ann].map((id) => second.balance(accounts.bond(id as never)))).toEqual([0, 0])
    const [owned] = nodes.ownedBy(zoe, noon, '', 9)
    expect(owned).toMatchObject({ node: ann, agreed: 4, micro: 8000 })
  })

  test('forgets all of it, and makes the same again', () => {
    const { rigs } = twoChains([3, 5], ['kim', 'ann'])
    const book = bookOf(rigs)
    const before = [book.reads.leaders('week', 1, 9), book.reads.owner(kim)]
    book.clear()
    expect(book.reads.leaders('all', 1, 9)).toEqual([])
    expect(book.reads.owner(kim)).toBeUndefined()
    expect(book.taken('a'.repeat(64) as ChainId)).toMatchObject({ size: 0 })
    readInto(book, rigs)
    expect([book.reads.leaders('week', 1, 9), book.reads.owner(kim)]).toEqual(before)
  })

  test('takes as long for each of many jobs of one moment, in their order', () => {
    const rig = new Rig()
    const jobs = Array.from({ length: 1100 }, (_, i) => {
      return rig.publish({ name: `${i}` }, `pam ${i % 100}`)
    })
    const asked = vi.spyOn(Database.prototype, 'one')
    const { reads } = bookOf([rig], 100)
    const looks = asked.mock.calls.filter(([sql]) => sql.includes('max(number)'))
    asked.mockRestore()
    expect(looks.length).toBeLessThanOrEqual(jobs.length + 1)
    const found = reads.jobs({}, Number.MAX_SAFE_INTEGER, 2000)
    expect(found.map(({ id }) => id)).toEqual(jobs.toReversed())
  })

  test('takes what a clock that is ahead has dated later for something of now', () => {
    const { rigs } = twoChains([3, 5], ['kim', 'ann'])
    const [right, ahead] = rigs
    ahead.pass(400 * 24 * 60 * minute)
    const issued = noon + ahead.at
    ahead.publish({ ...sweepOf(1), issued, expires: issued + 60 * minute })
    ahead.work({ kim: 'right', ann: 'right' })
    const book = bookOf(rigs, 7, () => noon + right.at)
    const all = 18_000
    expect(book.reads.owner(kim)).toMatchObject({ micro: all })
    // Nobody falls out of the month, or counts for nothing lately, by what it says.
    expect(book.reads.lately(kim)).toEqual({ day: all, week: all, month: all })
    expect(book.reads.daysOf(kim, 9)).toHaveLength(1)
  })
})
