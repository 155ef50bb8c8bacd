import { accounts } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

const settleMs = 60_000

/** What moved, by what it was for. */
function moved(rig: Rig): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { purpose } of rig.factsOf('transfer')) {
    counts[purpose.type] = (counts[purpose.type] ?? 0) + 1
  }
  return counts
}

describe('what is earned', () => {
  test('is held until audits are over, and not a moment longer', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    const id = rig.publish()
    rig.work({ kim: 'right', ann: 'right' })
    expect(rig.state.ledger.state.jobs.get(id)?.held).toBe(2)
    rig.pass(settleMs - 1)
    expect([rig.credit('kim'), rig.bond('ann')]).toEqual([0, 0])
    rig.pass(1)
    expect([rig.credit('kim'), rig.bond('ann')]).toEqual([2000, 2000])
    expect(moved(rig)).toEqual({ earn: 2, settle: 2 })
  })

  test('is held from the last verdict on, if there are several', () => {
    const rig = new Rig({ auditPermille: 100 })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const id = rig.publish(sweepOf(40))
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eva', 'eve']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', eve: 'wrong' })
    rig.pass(settleMs - 1)
    rig.work({ bob: 'right', cid: 'right', dan: 'right', kim: 'right' })
    expect(rig.outcomes(id)).toEqual({ right: 40 })
    rig.pass(settleMs - 1)
    expect(['eva', 'bob', 'kim'].map((name) => rig.credit(name))).toEqual([0, 0, 0])
    rig.pass(1)
    expect(rig.credit('bob')).toBeGreaterThan(0)
    expect(rig.credit('eva')).toBe(0)
  })

  test('is a newcomer’s bond until it has shown itself, and then its owner’s at once', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish(sweepOf(99))
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(settleMs)
    expect([rig.credit('ann'), rig.bond('ann')]).toEqual([0, 99 * 2000])
    rig.publish()
    rig.work({ kim: 'right', ann: 'right' })
    expect([rig.credit('ann'), rig.bond('ann')]).toEqual([99 * 2000, 0])
    rig.pass(settleMs)
    expect([rig.credit('ann'), rig.bond('ann')]).toEqual([100 * 2000, 0])
  })

  test('is its owner’s at the time of the verdict', () => {
    const rig = new Rig()
    rig.join('ann', {}, undefined, { delegation: rig.delegation('kim', 'ann') })
    rig.join('bob')
    rig.publish()
    rig.work({ ann: 'right', bob: 'right' })
    rig.pass(settleMs)
    expect(rig.credit('kim')).toBe(2000)
    expect(rig.bond('bob')).toBe(2000)
  })

  test('of units that died is nothing', () => {
    const rig = new Rig()
    for (const name of ['kim', 'ann', 'bob']) rig.join(name)
    rig.publish()
    rig.work({ kim: '!boom', ann: '!boom', bob: '!boom' })
    rig.pass(settleMs)
    expect(moved(rig)).toEqual({})
  })

  test('of a funded job comes out of its escrow, and what is left goes back', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish(sweepOf(10))
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(settleMs)
    const minted = rig.balance(accounts.mint)
    const resources = rig.resources({ fuel: 4e9 })
    const id = rig.publish({ budgetMicro: 20_000, resources }, 'kim')
    rig.work({ kim: 'right', ann: 'right' })
    expect(rig.balance(accounts.escrow(id))).toBe(16_000)
    rig.pass(settleMs)
    expect(rig.balance(accounts.mint)).toBe(minted)
    expect(rig.credit('kim')).toBe(20_000 - 2000)
    expect(rig.balance(accounts.escrow(id))).toBe(0)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
  })
})

test('a busy hour does not come due in one step', () => {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  const id = rig.publish(sweepOf(600))
  rig.work({ kim: 'right', ann: 'right' })
  expect(rig.outcomes(id)).toEqual({ right: 600 })
  rig.entriesInStepMax = 0
  rig.pass(settleMs)
  // 256 units with two transfers each, in entries of 64 facts, and what becomes of the bonds.
  expect(rig.entriesInStepMax).toBeLessThanOrEqual(16)
  expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
})
