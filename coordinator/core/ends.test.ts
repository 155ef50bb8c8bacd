import { accounts, limits, type Rates } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { deliveryOf, noon, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

/** A rig in which kim has earned so many times 2000 with ann, who is there with it. */
function rich(times: number, rates: Partial<Rates> = {}): Rig {
  const rig = new Rig(rates)
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

  test('of a job that has ended is forgotten', () => {
    const rig = new Rig()
    const job = rig.publish({ deadline: noon + 30_000 })
    expect(rig.state.timers.next).toBe(30_000)
    rig.act('ada', { type: 'cancel', job })
    expect(rig.state.jobs.size).toBe(0)
    expect(rig.state.timers.next).toBe(Number.POSITIVE_INFINITY)
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

  test('sets aside what a unit may cost, and begins none that it cannot pay', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 12_000, resources }, 'kim')
    rig.offer('kim', { units: 8 })
    rig.offer('ann', { units: 8 })
    expect(rig.state.jobs.get(id)?.reserved).toBe(8000)
    const leased = [...rig.leases('kim'), ...rig.leases('ann')].map(({ lease }) => lease.unit)
    expect(leased).toEqual([0, 0])
    expect(rig.state.jobs.get(id)?.unpaid.size).toBe(1)
  })

  test('goes on when executions cost less than was set aside', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(3), budgetMicro: 16_000, resources }, 'kim')
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

  test('that cannot pay another unit waits for what those that are open really cost', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 12_000, resources }, 'kim')
    rig.offer('ann', { units: 1 })
    rig.offer('kim', { units: 8 })
    expect(rig.leases('kim')).toHaveLength(1)
    expect(rig.state.jobs.get(id)?.unpaid.size).toBe(1)
    rig.deliverAll('kim')
    expect(rig.state.jobs.get(id)?.unpaid.size).toBe(1)
    rig.deliverAll('ann')
    expect(rig.state.jobs.get(id)?.unpaid.size).toBe(0)
    expect(rig.news).not.toContainEqual({ type: 'starved', job: id })
  })

  test('knows after a restart what its units may cost: what is sealed, and what is shown', () => {
    const rig = rich(10)
    const resources = rig.resources(unit)
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 20_000, resources }, 'kim')
    rig.offer('ann', { units: 2 })
    const [sealed, ...leases] = rig.leases('ann')
    if (sealed === undefined) throw new Error('no lease')
    rig.tell('ann', rig.delivery('ann', sealed))
    rig.restart()
    expect(rig.state.jobs.get(id)?.reserved).toBe(8000)
    rig.join('ann', { units: 0 })
    rig.tell('ann', { type: 'hold', leases: leases.map(({ signed }) => signed) })
    expect(rig.state.jobs.get(id)?.reserved).toBe(16_000)
    rig.join('kim')
    expect(new Set(rig.leases('kim').map(({ lease }) => lease.unit))).toEqual(new Set([0, 1]))
  })

  test('has nobody compute for nothing, however late the second owner comes', () => {
    const rig = rich(20)
    rig.close('kim', 'ann')
    const before = rig.credit('kim')
    const resources = rig.resources({ fuel: 2e9 })
    const id = rig.publish({ ...sweepOf(10), budgetMicro: 22_000, resources }, 'kim')
    rig.join('bob', { units: 0 })
    rig.join('kim', { units: 0 })
    for (const name of ['bob', 'kim']) {
      for (let i = 0; i < 10; i++) {
        rig.offer(name, { units: 64 })
        rig.deliverAll(name)
      }
    }
    const executions = rig.factsOf('receipt').filter(({ job }) => job === id)
    expect(executions).toHaveLength(10)
    rig.pass(200_000)
    expect(rig.outcomes(id)).toEqual({ right: 5, expired: 5 })
    expect(rig.bond('bob')).toBe(10_000)
    expect(rig.credit('kim')).toBe(before - 10_000)
  })

  test('that cannot pay the audit of its first unit begins none', () => {
    const rig = rich(100, { auditPermille: 500 })
    const resources = rig.resources({ fuel: 2e9 })
    const before = rig.credit('kim')
    const ids = Array.from({ length: 10 }, () => {
      return rig.publish({ ...sweepOf(20), budgetMicro: 4000, resources }, 'kim')
    })
    rig.offer('ann', { units: 10 })
    const begun = new Set(rig.leases('ann').map(({ lease }) => lease.job))
    const starved = ids.filter((job) => !begun.has(job))
    expect(begun.size).toBeGreaterThan(0)
    expect(starved.length).toBeGreaterThan(0)
    rig.pass(1000)
    for (const job of starved) expect(rig.outcomes(job)).toEqual({ expired: 20 })
    expect(rig.credit('kim')).toBe(before - 4000 * begun.size)
  })

  test('that cannot pay a third opinion yet waits with it for what another unit releases', () => {
    const rig = rich(20)
    rig.offer('ann', { units: 0 })
    rig.offer('kim', { units: 0 })
    const resources = rig.resources(unit)
    const replicas = { quorum: 2, max: 3 }
    const wish = { ...sweepOf(2), budgetMicro: 16_000, resources, replicas }
    const id = rig.publish(wish, 'kim')
    rig.offer('ann', { units: 2 })
    rig.join('bob', { units: 1 })
    const disputed = rig.lease('bob').lease.unit
    rig.deliverAll('bob', () => 'wrong')
    for (const one of rig.leases('ann')) {
      if (one.lease.unit === disputed) rig.tell('ann', rig.delivery('ann', one))
    }
    rig.offer('kim', { units: 2 })
    expect(rig.leases('kim').map(({ lease }) => lease.unit)).toEqual([1 - disputed])
    expect([...(rig.state.jobs.get(id)?.unpaid ?? [])]).toMatchObject([{ number: disputed }])
    rig.deliverAll('ann')
    rig.deliverAll('kim')
    rig.offer('kim', { units: 1 })
    rig.deliverAll('kim')
    expect(rig.outcomes(id)).toEqual({ right: 2 })
  })

  test('takes nothing late that it cannot pay beside what it has given since', () => {
    const rig = rich(10)
    rig.close('kim')
    const resources = rig.resources({ fuel: 2e9 })
    const id = rig.publish({ ...sweepOf(1), budgetMicro: 4000, resources }, 'kim')
    rig.offer('ann', { units: 1 })
    const { signed, lease } = rig.lease('ann')
    rig.pass(limits.leaseMs)
    for (const name of ['bob', 'cid']) rig.join(name, { units: 1 })
    expect(rig.state.jobs.get(id)?.unpaid.size).toBe(0)
    rig.tell('ann', deliveryOf('ann', signed, lease, 'right'))
    expect(rig.refusals('ann')).toEqual(['lease.fenced'])
    expect(rig.factsOf('receipt').filter(({ job }) => job === id)).toEqual([])
  })
})
