import { accounts, limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

const strangers = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9']

/** All nodes come, and each says the same of everything that it is given. */
function worked(rig: Rig, says: Readonly<Record<string, string>>, more = {}): void {
  for (const name of Object.keys(says)) rig.join(name, more)
  rig.work(says)
}

/** What so many strangers say, all of them the same or each something else. */
function saying(many: number, what: (i: number) => string): Record<string, string> {
  return Object.fromEntries(strangers.slice(0, many).map((name, i) => [name, what(i)]))
}

describe('a unit is accepted', () => {
  test('by one of the mesh’s own and a stranger, for whom that vouches', () => {
    const rig = new Rig()
    const id = rig.publish()
    worked(rig, { kim: 'right', ann: 'right' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.standing('ann')).toEqual({ vouched: 1, passes: 1, strikes: 0 })
  })

  test('by seven strangers, and not by six, where there is nobody else', () => {
    const rig = new Rig()
    const id = rig.publish()
    worked(
      rig,
      saying(6, () => 'right'),
    )
    expect(rig.verdicts(id)).toEqual([])
    worked(rig, { n7: 'right' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.standing('n3')).toEqual({ vouched: 1, passes: 1, strikes: 0 })
  })

  test('by six strangers if it fits no anchor that is there, and they do not vouch', () => {
    const rig = new Rig({ auditPermille: 1000 })
    const id = rig.publish({ resources: rig.resources({ cores: 512 }) })
    rig.join('kim')
    const six = saying(6, () => 'right')
    worked(rig, six, { cores: 1024 })
    expect(rig.verdicts(id)).toEqual([])
    for (const _ of Object.keys(six)) {
      rig.pass(limits.stillMs)
      rig.work(six)
    }
    expect(rig.verdicts(id)).toEqual(['accepted'])
    for (const name of Object.keys(six)) {
      expect(rig.standing(name)).toEqual({ vouched: 0, passes: 1, strikes: 0 })
    }
  })

  test('by a plain quorum, if its job asks for one', () => {
    const rig = new Rig()
    const id = rig.publish({ replicas: { quorum: 2, max: 3 } })
    worked(rig, { n1: 'right' })
    expect(rig.verdicts(id)).toEqual([])
    worked(rig, { n2: 'right' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.standing('n1')?.vouched).toBe(0)
  })

  test('with its outcome kept beside the chain until it is final', () => {
    const rig = new Rig()
    rig.publish()
    worked(rig, { kim: 'right', ann: 'right' })
    const outcomes = () => [...rig.rows.keys()].filter((name) => name.startsWith('outcome/'))
    expect(outcomes()).toHaveLength(1)
    rig.pass(70_000)
    expect(outcomes()).toEqual([])
  })

  test('and leases that are not needed any more are cancelled', () => {
    const rig = new Rig()
    const id = rig.publish({ replicas: { quorum: 2, max: 4 } })
    rig.join('n1', { units: 1 })
    rig.join('n2', { units: 1 })
    rig.deliverAll('n1')
    rig.pass(limits.leaseMs)
    rig.join('n3')
    expect(rig.leases('n3')).toHaveLength(1)
    rig.deliverAll('n2')
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.told('n3', 'cancel')).toHaveLength(1)
    expect(rig.unit(id)?.leases.size).toBe(0)
  })
})

describe('a unit is dead', () => {
  test('expired, if a plain quorum is not reached within what its job allows', () => {
    const rig = new Rig()
    const id = rig.publish({ replicas: { quorum: 2, max: 3 } })
    worked(
      rig,
      saying(3, (i) => `${i}`),
    )
    expect(rig.verdicts(id)).toEqual(['expired'])
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'dead' })
  })

  test('expired, after eight executions that do not agree, and nobody is blamed', () => {
    const rig = new Rig()
    const id = rig.publish()
    worked(
      rig,
      saying(7, (i) => `${i}`),
    )
    expect(rig.verdicts(id)).toEqual([])
    worked(rig, { n8: '8' })
    expect(rig.verdicts(id)).toEqual(['expired'])
    for (const name of strangers.slice(0, 8)) expect(rig.standing(name)).toBeUndefined()
    expect(rig.factsOf('transfer')).toEqual([])
  })

  test('poisoned, if it fails alike on three owners, one of them an anchor', () => {
    const rig = new Rig()
    const id = rig.publish()
    worked(rig, { kim: '!boom', ann: '!boom' })
    expect(rig.verdicts(id)).toEqual([])
    worked(rig, { bob: '!boom' })
    expect(rig.verdicts(id)).toEqual(['poisoned'])
    expect(rig.standing('ann')).toBeUndefined()
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'dead' })
  })

  test('not poisoned by strangers alone, where there are anchors', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('kim', { units: 0 })
    worked(
      rig,
      saying(3, () => '!boom'),
    )
    expect(rig.verdicts(id)).toEqual([])
    rig.work({ kim: 'right', n3: 'right' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.standing('n1')).toBeUndefined()
  })
})

test.each([
  [4000, 'accepted'],
  [3999, 'expired'],
])('a unit that earns 4000 where the mint has %i left is %s', (left, as) => {
  const rig = new Rig()
  const { balances, tables } = rig.state.ledger.state
  const micro = limits.microMax - left
  balances.set(accounts.mint, { micro: -micro })
  balances.set(accounts.slash, { micro })
  tables.keep()
  const id = rig.publish()
  worked(rig, { kim: 'right', ann: 'right' })
  expect(rig.verdicts(id)).toEqual([as])
})

describe('who is wrong', () => {
  test('alone gets a strike, and its vouched passes begin anew', () => {
    const rig = new Rig()
    rig.publish()
    worked(rig, { kim: 'right', ann: 'right' })
    rig.publish()
    for (const name of ['bob', 'cid']) rig.join(name, { units: 0 })
    rig.work({ kim: 'right', ann: 'wrong', bob: 'right', cid: 'right' })
    expect(rig.standing('ann')).toEqual({ vouched: 0, passes: 1, strikes: 1 })
    expect(rig.news.filter(({ type }) => type === 'struck')).toHaveLength(1)
  })

  test('five times is sent away, and what it holds is for others', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(6))
    for (const name of ['kim', 'ann', 'bob']) rig.join(name, { units: 0 })
    rig.offer('ann', { units: 6 })
    rig.offer('kim', { units: 6 })
    expect(rig.leases('ann')).toHaveLength(6)
    for (const one of rig.leases('ann').slice(1)) rig.tell('ann', rig.delivery('ann', one, 'wrong'))
    rig.work({ kim: 'right', bob: 'right' })
    expect(rig.standing('ann')?.strikes).toBe(5)
    expect(rig.refusals('ann')).toEqual(['node.suspended'])
    expect(rig.hungUp).toContain('ann')
    rig.work({ kim: 'right', bob: 'right' })
    expect(rig.verdicts(id)).toHaveLength(6)
    rig.join('ann')
    expect(rig.refusals('ann')).toEqual(['node.suspended'])
  })

  test('because the unit failed there is not blamed', () => {
    const rig = new Rig()
    const id = rig.publish()
    worked(rig, { kim: 'right', ann: '!boom', bob: 'right' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.standing('ann')).toBeUndefined()
  })
})

describe('an audited unit', () => {
  test('has a referee before its verdict, and its lease looks like any other', () => {
    const rig = new Rig({ auditPermille: 1000 })
    rig.believe(100, 'bob')
    const id = rig.publish()
    rig.join('kim', { units: 1 })
    rig.join('ann', { units: 1 })
    const [one] = rig.leases('ann')
    rig.deliverAll('kim')
    rig.deliverAll('ann')
    expect(rig.verdicts(id)).toEqual([])
    rig.join('bob')
    const [asked] = rig.leases('bob')
    expect(Object.keys(asked?.lease ?? {})).toEqual(Object.keys(one?.lease ?? {}))
    rig.deliverAll('bob')
    expect(rig.verdicts(id)).toEqual(['accepted'])
    const [{ decided } = { decided: undefined }] = rig.factsOf('verdict')
    expect(decided).toMatchObject({ referees: [asked?.lease.slot], agreeing: { length: 3 } })
    rig.pass(70_000)
    expect(rig.credit('bob')).toBe(2000)
  })

  test('is not for strangers to look at, while an anchor is there', () => {
    const rig = new Rig({ auditPermille: 1000 })
    rig.believe(100, 'bob')
    rig.publish()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.join('bob', { units: 0 })
    rig.deliverAll('kim')
    rig.deliverAll('ann')
    rig.join('cid')
    expect(rig.leases('cid')).toEqual([])
    expect(rig.told('cid', 'idle')[0]?.reasons[0]?.code).toBe('trust')
    rig.offer('bob')
    expect(rig.leases('bob')).toHaveLength(1)
  })
})

describe('an audit for which nobody is left', () => {
  test('is given up after a minute where all who are there have voted', () => {
    const rig = new Rig({ auditPermille: 1000 })
    const id = rig.publish()
    worked(rig, { kim: 'right', ann: 'right' })
    rig.pass(2 * limits.desertedMs - 1000)
    expect(rig.verdicts(id)).toEqual([])
    rig.pass(31_000)
    expect(rig.verdicts(id)).toEqual(['accepted'])
  })

  test('is given up after an hour where somebody else is there, and not before', () => {
    const rig = new Rig({ auditPermille: 1000 })
    const id = rig.publish()
    rig.join('bob', { units: 0 })
    worked(rig, { kim: 'right', ann: 'right' })
    rig.pass(2 * limits.stillMs - 1000)
    expect(rig.verdicts(id)).toEqual([])
    rig.pass(31_000)
    expect(rig.verdicts(id)).toEqual(['accepted'])
  })

  test('waits as long again for whoever comes meanwhile', () => {
    const rig = new Rig({ auditPermille: 1000 })
    const id = rig.publish()
    worked(rig, { kim: 'right', ann: 'right' })
    rig.pass(limits.desertedMs)
    rig.join('bob', { units: 0 })
    rig.pass(2 * limits.desertedMs)
    expect(rig.verdicts(id)).toEqual([])
    rig.work({ bob: 'right' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.factsOf('verdict')[0]?.decided).toMatchObject({ referees: { length: 1 } })
  })
})

describe('a referee who contradicts, where nobody else is there,', () => {
  test('loses against one of the mesh’s own after a minute', () => {
    const rig = new Rig({ auditPermille: 1000 })
    const id = rig.publish()
    worked(rig, { kim: 'right', ann: 'right' })
    worked(rig, { bob: 'wrong' })
    expect(rig.verdicts(id)).toEqual([])
    rig.pass(2 * limits.desertedMs + 1000)
    expect(rig.outcomes(id)).toEqual({ right: 1 })
    expect(rig.standing('bob')).toMatchObject({ strikes: 1 })
  })

  test('leaves it to the plain quorum, if nobody comes who has shown anything', () => {
    const rig = new Rig({ auditPermille: 1000 })
    const id = rig.publish({ replicas: { quorum: 2, max: 4 } })
    worked(rig, { n1: 'right', n2: 'right' })
    worked(rig, { n3: 'wrong' })
    rig.pass(limits.stillMs - 1000)
    expect(rig.verdicts(id)).toEqual([])
    rig.pass(31_000)
    expect(rig.outcomes(id)).toEqual({ right: 1 })
  })
})

test('a job that has ended leaves nothing behind', () => {
  const rig = new Rig()
  rig.publish(sweepOf(20))
  worked(rig, { kim: 'right', ann: 'wrong', bob: 'right', cid: '!boom' })
  rig.pass(70_000)
  const { jobs, voted, toRule, ending, uses, leases, settling, clearing } = rig.state
  const sizes = [jobs, voted, toRule, ending, uses, leases, clearing].map(({ size }) => size)
  expect(sizes).toEqual([0, 0, 0, 0, 0, 0, 0])
  expect(settling.first).toBeUndefined()
  expect([...rig.rows.keys()]).toEqual(['seed'])
})
