import { accounts, limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { noon, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

/** A rig in which kim has earned so many times 2000 with ann, who is there with it. */
function rich(times: number): Rig {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  rig.publish(sweepOf(times))
  rig.work({ kim: 'right', ann: 'right' })
  rig.pass(60_000)
  return rig
}

describe('a job ends', () => {
  test('final with a result, and its units are counted', () => {
    const rig = rich(1)
    const id = rig.publish(sweepOf(3))
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(60_000)
    expect(rig.ask({ type: 'job', job: id })).toMatchObject({
      type: 'job',
      units: 3,
      accepted: 3,
      dead: 0,
      ended: expect.any(Number),
    })
  })

  test('once', () => {
    const rig = rich(5)
    rig.pass(3_600_000)
    expect(rig.factsOf('end')).toHaveLength(1)
  })
})

describe('a deadline', () => {
  test('ends a job: what runs is stopped, and what is undecided expires', () => {
    const rig = rich(1)
    const id = rig.publish({ ...sweepOf(40), deadline: noon + rig.at + 30_000 })
    rig.offer('ann', { units: 8 })
    const running = rig.node('ann')?.leases.size ?? 0
    expect(running).toBeGreaterThan(0)
    rig.pass(30_000)
    expect(rig.node('ann')?.leases.size).toBe(0)
    expect(rig.outcomes(id)).toEqual({ expired: 40 })
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'dead' })
    rig.offer('ann')
    expect(rig.node('ann')?.leases.size).toBe(0)
  })

  test('leaves what was accepted', () => {
    const rig = rich(1)
    const id = rig.publish({ ...sweepOf(40), deadline: noon + rig.at + 30_000 })
    rig.work({ kim: 'right', ann: (unit) => (unit < 7 ? 'right' : 'wrong') })
    const { right } = rig.outcomes(id)
    rig.pass(90_000)
    expect(rig.outcomes(id)).toEqual({ right, expired: 40 - (right ?? 0) })
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
  })

  test('is kept after a restart, also one that passed meanwhile', () => {
    const rig = new Rig()
    const id = rig.publish({ ...sweepOf(3), deadline: noon + 30_000 })
    rig.at = 40_000
    rig.restart()
    rig.pass(0)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'dead' })
  })

  test('of a million units comes due in steps that each write a little', {
    timeout: 60_000,
  }, () => {
    const rig = new Rig()
    const many = 100_000
    const id = rig.publish({ ...sweepOf(many), deadline: noon + 1000 })
    rig.entriesInStepMax = 0
    rig.pass(1000)
    expect(rig.entriesInStepMax).toBeLessThanOrEqual(5)
    expect(rig.ask({ type: 'job', job: id })).toMatchObject({ dead: many })
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'dead' })
  })
})

describe('a funded job', () => {
  const unit = { fuel: 4e9 }

  test('sets aside what each execution may cost, and gives no more than it can pay', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 12_000, resources }, 'kim')
    rig.offer('kim', { units: 8 })
    rig.offer('ann', { units: 8 })
    expect(rig.state.jobs.get(id)?.reserved).toBe(12_000)
    expect(rig.leases('kim').length + rig.leases('ann').length).toBe(3)
    expect(rig.state.jobs.get(id)?.isParked).toBe(true)
  })

  test('goes on when executions cost less than was set aside', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(3), budgetMicro: 14_000, resources }, 'kim')
    rig.work({ kim: 'right', ann: 'right' })
    expect(rig.outcomes(id)).toEqual({ right: 3 })
    rig.pass(60_000)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
  })

  test('that can pay no more is starved, and has the rest back', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const before = rig.credit('kim')
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 9000, resources }, 'kim')
    rig.work({ kim: 'right', ann: 'right' })
    expect(rig.news).toContainEqual({ type: 'starved', job: id })
    rig.pass(120_000)
    const { right = 0, expired } = rig.outcomes(id)
    expect(right).toBeGreaterThan(0)
    expect(expired).toBe(9 - right)
    expect(rig.balance(accounts.escrow(id))).toBe(0)
    expect(rig.credit('kim')).toBe(before - 2000 * right)
  })

  test('that cannot pay one more waits for what those that run really cost', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 8000, resources }, 'kim')
    rig.offer('ann', { units: 1 })
    rig.offer('kim', { units: 8 })
    expect(rig.leases('kim')).toHaveLength(1)
    expect(rig.state.jobs.get(id)?.isParked).toBe(true)
    rig.deliverAll('kim')
    expect(rig.state.jobs.get(id)?.isParked).toBe(true)
    rig.deliverAll('ann')
    expect(rig.state.jobs.get(id)?.isParked).toBe(false)
    expect(rig.news).not.toContainEqual({ type: 'starved', job: id })
  })

  test('knows after a restart what running executions may cost, when they are shown', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 8000, resources }, 'kim')
    rig.offer('ann', { units: 2 })
    const leases = rig.leases('ann')
    rig.restart()
    rig.join('ann', { units: 0 })
    rig.tell('ann', { type: 'hold', leases: leases.map(({ signed }) => signed) })
    expect(rig.state.jobs.get(id)?.reserved).toBe(8000)
    rig.join('kim')
    expect(rig.leases('kim')).toEqual([])
    rig.pass(limits.leaseMs)
    expect(rig.state.jobs.get(id)?.reserved ?? 0).toBeLessThanOrEqual(8000)
  })
})
