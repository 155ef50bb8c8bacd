import { accounts, type JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { inContainers, nodeNamed, ownerNamed, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

const units = 60
const days = 86_400_000

/** Two liars who are believed have won all units but those that are audited. */
function won(): { rig: Rig; id: JobId } {
  const rig = new Rig({ auditPermille: 100, settleMs: days })
  rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
  const id = rig.publish(sweepOf(units))
  for (const name of ['bob', 'cid', 'dan', 'kim', 'eva', 'eve']) rig.join(name, { units: 0 })
  rig.work({ eva: 'wrong', eve: 'wrong' })
  return { rig, id }
}

describe('liars who lied together before a witness', () => {
  test('have won what is not audited', () => {
    const { rig, id } = won()
    const { wrong = 0, ...others } = rig.outcomes(id)
    expect(wrong).toBeGreaterThan(40)
    expect(wrong).toBeLessThan(units)
    expect(others).toEqual({})
  })

  test('are banned, and all that they won is decided again', () => {
    const { rig, id } = won()
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    const banned = rig.news.flatMap((one) => (one.type === 'banned' ? [one.owner] : []))
    expect(new Set(banned)).toEqual(new Set([ownerNamed('eva'), ownerNamed('eve')]))
    expect(rig.outcomes(id)).toEqual({ right: units })
  })

  test('earn nothing: what was held for them goes back, and the others are paid', () => {
    const { rig, id } = won()
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    rig.pass(days)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
    expect([rig.credit('eva'), rig.credit('eve')]).toEqual([0, 0])
    expect(rig.credit('bob')).toBeGreaterThan(0)
    const paid = ['bob', 'cid', 'dan', 'kim'].map((name) => rig.credit(name))
    expect(rig.balance(accounts.mint)).toBe(-paid.reduce((a, b) => a + b))
  })

  test('are sent away, and not let in again, nor another node of theirs', () => {
    const { rig } = won()
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    expect(rig.refusals('eva')).toEqual(['node.banned'])
    rig.join('eva')
    expect(rig.refusals('eva')).toEqual(['node.banned'])
    rig.join('fox', {}, undefined, { delegation: rig.delegation('eve', 'fox') })
    expect(rig.refusals('fox')).toEqual(['node.banned'])
  })

  test('are not paid for what they said right, and was not decided yet', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: days })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const right = rig.publish()
    rig.join('eva', { units: 1 })
    rig.deliverAll('eva')
    rig.publish(sweepOf(units))
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eve']) rig.join(name, { units: 0 })
    rig.offer('eve', { units: 64 })
    const mine = rig.leases('eve').filter(({ lease }) => lease.job !== right)
    for (const one of mine) rig.tell('eve', rig.delivery('eve', one, 'wrong'))
    rig.work({ eva: 'wrong' })
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    rig.pass(days)
    expect(rig.news).toContainEqual({ type: 'banned', owner: ownerNamed('eva') })
    expect(rig.outcomes(right)).toEqual({ right: 1 })
    expect(rig.credit('eva')).toBe(0)
  })

  test('are not paid for what another node of theirs said in the same unit', () => {
    const rig = new Rig({ auditPermille: 1000, settleMs: days })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const id = rig.publish()
    for (const name of ['fox', 'eve']) rig.join(name, { units: 1 })
    rig.pass(1)
    rig.ask({ type: 'delegate', delegation: rig.delegation('eve', 'fox') })
    rig.deliverAll('eve', () => 'wrong')
    rig.deliverAll('fox')
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eva']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    expect(rig.news).toContainEqual({ type: 'banned', owner: ownerNamed('eve') })
    rig.pass(days)
    expect(rig.outcomes(id)).toEqual({ right: 1 })
    expect([rig.credit('eve'), rig.bond('fox')]).toEqual([0, 0])
  })

  test('lose what another node of theirs has won as well', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: days })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const other = rig.publish({ ...sweepOf(20), replicas: { quorum: 1, max: 3 } })
    rig.join('fox', { units: 0 }, undefined, { delegation: rig.delegation('eve', 'fox') })
    rig.work({ fox: 'wrong' })
    const { wrong = 0 } = rig.outcomes(other)
    expect(wrong).toBeGreaterThan(10)
    rig.close('fox')
    rig.publish(sweepOf(units))
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eva', 'eve']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', eve: 'wrong' })
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    expect(rig.news).toContainEqual({ type: 'banned', owner: ownerNamed('eve') })
    expect(rig.outcomes(other)).toEqual({ right: 20 })
  })

  test('lose their bonds', () => {
    const { rig } = won()
    rig.state.ledger.state.balances.set(accounts.owner(ownerNamed('eva')), { micro: 700 })
    rig.state.ledger.state.balances.set(accounts.mint, { micro: -700 + rig.balance(accounts.mint) })
    rig.state.ledger.state.tables.keep()
    rig.act('eva', { type: 'bond', node: nodeNamed('fox'), micro: 700 })
    expect(rig.bond('fox')).toBe(700)
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    expect(rig.bond('fox')).toBe(0)
    expect(rig.balance(accounts.slash)).toBe(700)
  })

  test('and from then on nodes are asked one after the other', () => {
    const { rig } = won()
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    const id = rig.publish()
    for (const name of ['bob', 'cid', 'kim']) rig.offer(name)
    expect(rig.unit(id)?.leases.size).toBe(1)
  })
})

test('whoever was wrong together in a container is struck, and not banned', () => {
  const rig = new Rig({ auditPermille: 1000 })
  const id = rig.publish({ ...inContainers })
  for (const name of ['eva', 'eve']) rig.join(name, { units: 1 })
  for (const name of ['eva', 'eve']) rig.deliverAll(name, () => 'wrong')
  for (const name of ['bob', 'cid', 'dan', 'kim']) rig.join(name, { units: 0 })
  rig.work({ eva: 'wrong', eve: 'wrong', bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
  expect(rig.outcomes(id)).toEqual({ right: 1 })
  expect(rig.news.filter(({ type }) => type === 'banned')).toEqual([])
  expect(rig.news.filter(({ type }) => type === 'struck')).toHaveLength(2)
})

describe('networks of the banned', () => {
  test('let nobody new in for a while, where networks are told apart', () => {
    const rig = new Rig({ auditPermille: 1000, settleMs: days, apart: 'networks' })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    rig.publish()
    for (const name of ['eva', 'eve']) rig.join(name, {}, `lair of ${name}`)
    rig.work({ eva: 'wrong', eve: 'wrong' })
    rig.close('eve')
    for (const name of ['bob', 'cid', 'dan', 'kim']) rig.join(name)
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    rig.join('fox', {}, 'lair of eva')
    rig.join('gil', {}, 'lair of eve')
    expect([rig.refusals('fox'), rig.refusals('gil')]).toEqual([
      ['node.suspended'],
      ['node.suspended'],
    ])
    // Who has shown something may come from wherever it likes.
    rig.believe(1, 'hal')
    rig.join('hal', {}, 'lair of eva')
    expect(rig.refusals('hal')).toEqual([])
    rig.pass(days)
    rig.join('fox', {}, 'lair of eva')
    expect(rig.refusals('fox')).toEqual([])
  })
})

describe('a liar alone', () => {
  test('who is contradicted by a referee loses what it won, and is not banned', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: days })
    rig.believe(2000, 'eva', 'bob', 'cid')
    const id = rig.publish({ ...sweepOf(units), replicas: { quorum: 1, max: 3 } })
    for (const name of ['eva', 'bob', 'cid', 'kim']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong' })
    const { wrong: before = 0 } = rig.outcomes(id)
    expect(before).toBeGreaterThan(40)
    rig.work({ bob: 'right', cid: 'right', kim: 'right' })
    expect(rig.news.filter(({ type }) => type === 'reopened')).toHaveLength(before)
    expect(rig.outcomes(id)).toEqual({ right: units })
    expect(rig.news.some(({ type }) => type === 'banned')).toBe(false)
    expect(rig.standing('eva')).toMatchObject({ vouched: 0 })
    rig.pass(days)
    expect(rig.credit('eva')).toBe(0)
  })

  test('whose units are open again is no help to a friend, whatever quorum was asked for', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: days })
    rig.believe(2000, 'eva', 'bob', 'cid')
    const id = rig.publish({ ...sweepOf(units), replicas: { quorum: 1, max: 3 } })
    for (const name of ['eva', 'bob', 'cid', 'kim']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong' })
    const reopened = () => rig.news.some(({ type }) => type === 'reopened')
    for (const name of ['kim', 'bob', 'cid', 'kim', 'bob', 'cid']) {
      if (reopened()) break
      rig.offer(name, { units: 1 })
      rig.deliverAll(name)
    }
    expect(reopened()).toBe(true)
    for (const name of ['kim', 'bob', 'cid']) rig.close(name)
    const verdicts = rig.verdicts(id).length
    rig.join('sly', { units: 0 })
    rig.work({ sly: 'wrong' })
    expect(rig.verdicts(id)).toHaveLength(verdicts)
  })

  test('who won nothing that is not final has nothing decided again', () => {
    const rig = new Rig({ auditPermille: 1000 })
    rig.believe(2000, 'bob', 'cid')
    rig.publish()
    for (const name of ['kim', 'eva', 'bob', 'cid']) rig.join(name)
    rig.work({ kim: 'right', eva: 'wrong', bob: 'right', cid: 'right' })
    expect(rig.standing('eva')?.strikes).toBe(1)
    expect(rig.news.some(({ type }) => type === 'reopened')).toBe(false)
  })
})

describe('what is final', () => {
  test('stays as it was decided', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: 1000 })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const id = rig.publish(sweepOf(units))
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eva', 'eve']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', eve: 'wrong' })
    rig.pass(1000)
    const { wrong = 0 } = rig.outcomes(id)
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    expect(rig.news.some(({ type }) => type === 'banned')).toBe(true)
    expect(rig.news.some(({ type }) => type === 'reopened')).toBe(false)
    expect(rig.outcomes(id)).toEqual({ wrong, right: units - wrong })
  })
})
