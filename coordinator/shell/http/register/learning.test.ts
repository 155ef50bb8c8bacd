import { accounts, type JobId, type OwnerId } from '@nexapod/specs'
import { afterEach, describe, expect, test } from 'vitest'
import { inContainers, noon, ownerNamed, sweepOf } from '../../../test/cast.ts'
import { Rig } from '../../../test/rig.ts'
import { bookOf, closeBooks } from '../test/books.ts'
import { sumOf } from './accounts.ts'
import type { Book } from './book.ts'
import type { Reader } from './reader.ts'

const hour = 3_600_000
const day = 24 * hour

let book: Book
afterEach(closeBooks)

/** What a register makes of the entries of a rig, as it is when somebody looks. */
function read(rig: Rig, group?: number): Reader {
  book = bookOf([rig], group)
  return book.reads
}

/** Looks whether the register says of jobs and of credit what the state of the ledger says. */
function compare(rig: Rig, reader: Reader): void {
  const { state } = rig.state.ledger
  const pending = new Map<string, number>()
  for (const [id, row] of state.jobs.entries()) {
    const { units, accepted, undecided, ended } = row
    expect(reader.job(id)).toMatchObject({
      ...{ units, accepted, dead: units - accepted - undecided, state: ended?.as ?? 'open' },
    })
    expect(reader.job(id)?.micro).toBe(spent(rig, id))
    for (const [unit, { votes }] of state.units.entries(id)) {
      for (const { slot, owner } of votes) {
        const held = rig.balance(accounts.hold(id as JobId, unit, slot))
        pending.set(owner, (pending.get(owner) ?? 0) + held)
      }
    }
  }
  const bonded = new Map<string, number>()
  for (const [, { owner, micro, executor }] of state.bonds.entries()) {
    if (executor !== undefined) bonded.set(owner, (bonded.get(owner) ?? 0) + micro)
  }
  for (const account of new Set(rig.factsOf('transfer').flatMap(({ from, to }) => [from, to]))) {
    const isOver = account.startsWith('hold/') && rig.balance(account) === 0
    const micro = sumOf(book.accounts.holdings(account))
    if (!isOver) expect(micro, account).toBe(rig.balance(account))
  }
  const leaders = reader.leaders('all', 1, 1000)
  expect(leaders.length).toBeGreaterThanOrEqual(pending.size > 0 ? 1 : 0)
  for (const { id, micro } of leaders) {
    const [p, b] = [pending.get(id) ?? 0, bonded.get(id) ?? 0]
    const all = p + b + paid(rig, id)
    expect(reader.owner(id)).toMatchObject({ id, pending: p, bonded: b, micro: all })
    expect(micro).toBe(all)
    const days = reader.daysOf(id, 1000).reduce((sum, day) => sum + day.micro, 0)
    expect(days).toBe(all)
  }
}

/** What was given for a job, and did not go back. */
function spent(rig: Rig, job: string): number {
  const escrow = accounts.escrow(job as JobId)
  return rig.factsOf('transfer').reduce((sum, { from, to, purpose, micro }) => {
    if (to.startsWith(`hold/${job}/`)) return sum + micro
    const isBack = from.startsWith(`hold/${job}/`) && (to === accounts.mint || to === escrow)
    return isBack && purpose.type === 'settle' ? sum - micro : sum
  }, 0)
}

/** What was paid to an owner for work, who left no bond of its own. */
function paid(rig: Rig, owner: string): number {
  const purse = accounts.owner(owner as OwnerId)
  const settled = rig.factsOf('transfer').filter(({ to, purpose }) => {
    return to === purse && purpose.type === 'settle'
  })
  return settled.reduce((sum, { micro }) => sum + micro, 0)
}

describe('a register agrees with the ledger', () => {
  test('on work that is pending, and then paid', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish({ ...sweepOf(5), project: 'folding' } as never)
    rig.work({ kim: 'right', ann: 'right' })
    const before = read(rig)
    compare(rig, before)
    expect(before.owner(ownerNamed('ann'))).toMatchObject({ micro: 10_000, pending: 10_000 })
    expect(before.project('folding')).toMatchObject({ jobs: 1, open: 1, units: 5, micro: 20_000 })
    rig.pass(60_000)
    const reader = read(rig)
    compare(rig, reader)
    expect(reader.owner(ownerNamed('kim'))).toMatchObject({ micro: 10_000, pending: 0, bonded: 0 })
    // Ann is new: what she earned waits.
    expect(reader.owner(ownerNamed('ann'))).toMatchObject({ pending: 0, bonded: 10_000 })
    expect(reader.project('folding')).toMatchObject({ jobs: 1, open: 0, accepted: 5 })
  })

  test('on liars whose units are decided again, and who lose what was held for them', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: day })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const id = rig.publish(sweepOf(60))
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eva', 'eve']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', eve: 'wrong' })
    const lied = read(rig)
    compare(rig, lied)
    expect(lied.owner(ownerNamed('eva'))?.micro).toBeGreaterThan(0)
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    compare(rig, read(rig))
    rig.pass(day)
    const reader = read(rig)
    compare(rig, reader)
    const sums = book.database.all('select * from nodes') ?? []
    const all = (what: string) => sums.map((row) => Number(row[what]))
    // Every node is its own owner here.
    for (const { node, micro } of sums) expect(reader.owner(String(node))?.micro).toBe(micro)
    expect(all('wrong').filter((wrong) => wrong > 0)).toHaveLength(2)
    expect(book.database.one('select sum(micro) as micro from node_hours')).toEqual({
      micro: all('micro').reduce((sum, micro) => sum + micro, 0),
    })
    expect(reader.job(id)).toMatchObject({ state: 'final', accepted: 60, dead: 0 })
    expect(book.database.all('select * from holds')).toEqual([])
    expect(reader.owner(ownerNamed('eva'))).toMatchObject({ micro: 0, pending: 0 })
    expect(reader.leaders('day', 1, 9).map(({ id }) => id)).not.toContain(ownerNamed('eva'))
  })

  test('on bonds that who is banned forfeits', () => {
    const rig = new Rig({ auditPermille: 100 })
    for (const name of ['kim', 'eva', 'eve']) rig.join(name)
    rig.publish({ ...inContainers, ...sweepOf(3), replicas: { quorum: 3, max: 4 } })
    rig.work({ kim: 'right', eva: 'right', eve: 'right' })
    rig.pass(60_000)
    // What they earned with containers waits, whatever is believed of their modules.
    const { bonded = 0, micro } = read(rig).owner(ownerNamed('eva')) ?? {}
    expect(bonded).toBeGreaterThan(0)
    expect(micro).toBe(bonded)
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    rig.publish(sweepOf(60))
    for (const name of ['bob', 'cid', 'dan']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', eve: 'wrong' })
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    rig.pass(120_000)
    expect(rig.balance(accounts.slash)).toBe(2 * bonded)
    const reader = read(rig)
    compare(rig, reader)
    expect(reader.owner(ownerNamed('eva'))).toMatchObject({ bonded: 0, micro: 0, pending: 0 })
  })

  test('on jobs that are cancelled, and on units that nobody computes', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    const cancelled = rig.publish(sweepOf(9))
    rig.offer('ann', { units: 3 })
    expect(rig.act('ada', { type: 'cancel', job: cancelled })).toBe('done')
    const expired = rig.publish({ ...sweepOf(4), deadline: noon + rig.at + 1000 })
    rig.pass(2000)
    const reader = read(rig)
    compare(rig, reader)
    const { number } = reader.job(expired) ?? { number: 0 }
    expect(reader.units(number, 1, 2)).toMatchObject([
      { unit: 1, decided: 'expired' },
      { unit: 2, decided: 'expired' },
    ])
    expect(reader.accepted(number, 0, 9)).toEqual([])
    expect(
      reader.jobs({ state: 'cancelled' }, Number.MAX_SAFE_INTEGER, 9).map(({ id }) => id),
    ).toEqual([cancelled])
  })

  test('on containers that are paid by the minute out of an escrow', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish(sweepOf(40), 'kim')
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(60_000)
    rig.publish({ ...inContainers, budgetMicro: 60_000, replicas: { quorum: 2, max: 4 } }, 'kim')
    rig.offer('ann', { units: 1 })
    rig.join('bob', { units: 1 })
    rig.pass(30_000)
    compare(rig, read(rig))
    rig.deliverAll('ann')
    rig.deliverAll('bob')
    compare(rig, read(rig))
    rig.pass(120_000)
    compare(rig, read(rig))
  })
})

describe('the ranges of a wall', () => {
  test('forget what is longer ago, and keep the order of what is left', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish(sweepOf(3))
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(30 * hour)
    rig.join('bob')
    rig.publish(sweepOf(1))
    rig.work({ kim: 'right', bob: 'right' })
    // All at once, so that days pass within a group.
    const reader = read(rig, Number.MAX_SAFE_INTEGER)
    const lately = reader.leaders('day', 1, 9)
    expect(new Map(lately.map(({ id, micro }) => [id, micro]))).toEqual(
      new Map([
        [ownerNamed('kim'), 2000],
        [ownerNamed('bob'), 2000],
      ]),
    )
    expect(reader.leaders('week', 1, 9)[0]).toMatchObject({ id: ownerNamed('kim'), micro: 8000 })
    expect(reader.lately(ownerNamed('ann'))).toEqual({ day: 0, week: 6000, month: 6000 })
    rig.pass(40 * day)
    expect(reader.leaders('month', 1, 9)).toEqual([])
    expect(reader.leaders('all', 1, 9)).toHaveLength(3)
  })

  test('come in pages without a gap, whoever has as much as another', () => {
    const rig = new Rig()
    const names = ['kim', 'ann', 'bob', 'cid', 'dan']
    for (const name of names) rig.join(name)
    rig.publish({ replicas: { quorum: 5, max: 8 } })
    rig.work(Object.fromEntries(names.map((name) => [name, 'right'])))
    const reader = read(rig)
    const found = names.flatMap((_, i) => reader.leaders('all', i + 1, 1).map(({ id }) => id))
    expect(found).toEqual(names.map(ownerNamed).toSorted().toReversed())
  })
})

describe('the recent average', () => {
  test('falls to its half in a week, and keeps the order of who earned lately', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish(sweepOf(4))
    rig.work({ kim: 'right', ann: 'right' })
    const [early] = read(rig).leaders('recent', 1, 9)
    // What was earned at once counts as its share of ten days: the sum of what halves each week.
    expect(early?.recentMicro).toBe(Math.round((8000 * Math.LN2) / 7))
    rig.pass(7 * day)
    expect(read(rig).owner(ownerNamed('kim'))?.recentMicro).toBe(Math.round((4000 * Math.LN2) / 7))
    rig.join('bob')
    rig.publish(sweepOf(3))
    rig.work({ kim: 'right', bob: 'right' })
    const reader = read(rig)
    const order = reader.leaders('recent', 1, 9).map(({ id }) => id)
    expect(order).toEqual(['kim', 'bob', 'ann'].map(ownerNamed))
    const climbs = reader.leaders('recent', 1, 9).map((one) => one.climbs)
    expect(climbs).toEqual([0, 1, -1])
  })
})

describe('owners', () => {
  test('are found by how their key begins or ends, wherever they stand', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    const job = rig.publish(sweepOf(2))
    rig.work({ kim: 'right', ann: 'right' })
    const reader = read(rig)
    const id = ownerNamed('ann')
    for (const key of [id, id.slice(0, 20), id.slice(8, 16), id.slice(-8), id.slice(-8, -4)]) {
      const found = reader.leadersAmong('all', reader.ownersLike(key, 100), 9)
      expect(found.map((one) => one.id)).toContain(id)
      expect(found[0]).toMatchObject({ rank: reader.placeOf('all', found[0]?.id ?? '') })
    }
    expect(reader.ownersLike('zzzzzzzzzz', 9)).toEqual([])
    expect(reader.jobsHelped(id)).toBe(1)
    expect(reader.helped(id, Number.MAX_SAFE_INTEGER, 9)).toMatchObject([{ id: job, micro: 4000 }])
  })
})
