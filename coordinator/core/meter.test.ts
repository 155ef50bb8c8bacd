import { accounts, limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { inContainers, sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'

const { meterMs } = limits
/** A minute of one core, at 10 a second. */
const perInterval = 600

/** A rig in which kim has earned something, and has a job of containers with this budget. */
function metered(budgetMicro: number) {
  const rig = new Rig()
  rig.join('kim', { units: 0 })
  rig.join('ann', { units: 0 })
  rig.publish(sweepOf(10))
  rig.work({ kim: 'right', ann: 'right' })
  rig.offer('kim', { units: 0 })
  rig.offer('ann', { units: 0 })
  rig.pass(60_000)
  const id = rig.publish({ ...inContainers, budgetMicro }, 'kim')
  return { rig, id }
}

/** Nodes go on, and renew what they hold. */
function compute(rig: Rig, ms: number, ...names: string[]): void {
  for (let at = 0; at < ms; at += limits.renewMs) {
    rig.pass(Math.min(limits.renewMs, ms - at))
    for (const name of names) {
      const executions = rig.leases(name).map(named)
      if (executions.length > 0) rig.tell(name, { type: 'renew', executions })
    }
  }
}

const meters = (rig: Rig) =>
  rig.factsOf('transfer').filter(({ purpose }) => purpose.type === 'meter')

describe('a container of a funded job', () => {
  test('is metered when it is leased, and every minute from then on', () => {
    const { rig, id } = metered(20_000)
    rig.offer('ann', { units: 1 })
    expect(meters(rig)).toHaveLength(1)
    compute(rig, 3 * meterMs, 'ann')
    expect(meters(rig)).toHaveLength(4)
    expect(rig.balance(accounts.escrow(id))).toBe(20_000 - 4 * perInterval)
  })

  test('is paid for its time if it agreed, and the time of others goes back', () => {
    const { rig, id } = metered(20_000)
    const before = rig.credit('kim')
    rig.offer('ann', { units: 1 })
    compute(rig, meterMs, 'ann')
    const { lease } = rig.lease('ann')
    rig.tell('ann', { type: 'abort', executions: [named(rig.lease('ann'))], why: 'owner' })
    expect(lease.job).toBe(id)
    rig.said.set('ann', [])
    rig.offer('kim', { units: 1 })
    rig.join('bob', { units: 1 })
    compute(rig, meterMs, 'kim', 'bob')
    rig.deliverAll('kim')
    rig.deliverAll('bob')
    expect(rig.verdicts(id)).toEqual(['accepted'])
    rig.pass(60_000)
    // Its own time was paid out of its own budget, and that of bob as well.
    expect(rig.credit('kim')).toBe(before + 20_000 - 2 * perInterval)
    expect(rig.bond('bob')).toBe(2 * perInterval)
    expect(rig.balance(accounts.escrow(id))).toBe(0)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
  })

  test('is stopped when the escrow is empty: that is the kill switch', () => {
    const { rig, id } = metered(3 * perInterval)
    const before = rig.credit('kim')
    rig.offer('ann', { units: 1 })
    compute(rig, 2 * meterMs, 'ann')
    expect(rig.told('ann', 'cancel')).toEqual([])
    compute(rig, meterMs, 'ann')
    expect(rig.told('ann', 'cancel')[0]?.executions).toHaveLength(1)
    expect(rig.news).toContainEqual({ type: 'starved', job: id })
    rig.pass(60_000)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'dead' })
    expect(rig.credit('kim')).toBe(before + 3 * perInterval)
  })

  test('is not begun again if nothing is left to pay its first minute', () => {
    const { rig, id } = metered(3 * perInterval - 1)
    rig.offer('ann', { units: 1 })
    compute(rig, meterMs, 'ann')
    rig.tell('ann', { type: 'abort', executions: [named(rig.lease('ann'))], why: 'owner' })
    rig.offer('kim', { units: 1 })
    expect(rig.leases('kim')).toEqual([])
    expect(rig.news).toContainEqual({ type: 'starved', job: id })
  })

  test('is metered on from where it was after a restart', () => {
    const { rig } = metered(20_000)
    rig.offer('ann', { units: 1 })
    compute(rig, meterMs, 'ann')
    const lease = rig.lease('ann')
    rig.restart()
    rig.join('ann', { units: 0 })
    rig.tell('ann', { type: 'hold', leases: [lease.signed] })
    for (let i = 0; i < 6; i++) {
      rig.pass(limits.renewMs)
      rig.tell('ann', { type: 'renew', executions: [named(lease)] })
    }
    const intervals = meters(rig).map(({ purpose }) => 'interval' in purpose && purpose.interval)
    expect(intervals).toEqual([0, 1, 2, 3, 4])
  })

  test('costs no more than its whole price, however long it stays', () => {
    const { rig, id } = metered(20_000)
    rig.act('kim', { type: 'cancel', job: id })
    const resources = rig.resources({ unitMs: 90_000 })
    const other = rig.publish({ ...inContainers, resources, budgetMicro: 5000 }, 'kim')
    rig.offer('ann', { units: 1 })
    compute(rig, 10 * meterMs, 'ann')
    expect(rig.balance(accounts.escrow(other))).toBe(5000 - 900)
  })
})

test('a container that nobody funds earns a price at the end, and is not metered', () => {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  const id = rig.publish(inContainers)
  compute(rig, 3 * meterMs, 'kim', 'ann')
  expect(meters(rig)).toEqual([])
  rig.deliverAll('kim')
  rig.deliverAll('ann')
  expect(rig.verdicts(id)).toEqual(['accepted'])
  rig.pass(60_000)
  expect(rig.credit('kim')).toBe(36_000)
})
