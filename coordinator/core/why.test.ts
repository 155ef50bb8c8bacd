import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { inContainers, nodeNamed, noon, sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'
import { whyIdleNow, whyJobWaits, whyUnitWaits } from './why.ts'

const idle = (rig: Rig, name: string) => whyIdleNow(rig.state, nodeNamed(name))

describe('why is my node idle?', () => {
  test('because it is not here', () => {
    const rig = new Rig()
    rig.meet('ann')
    expect(idle(rig, 'ann')).toEqual({ type: 'away' })
    expect(idle(rig, 'bob')).toEqual({ type: 'away' })
  })

  test('because it holds as many units as it lends', () => {
    const rig = new Rig()
    rig.publish(sweepOf(5))
    rig.join('ann', { units: 3 })
    expect(idle(rig, 'ann')).toEqual({ type: 'full', held: 3 })
  })

  test('because it goes, or the coordinator does', () => {
    const rig = new Rig()
    rig.join('ann')
    rig.join('bob')
    rig.tell('ann', { type: 'bye' })
    expect(idle(rig, 'ann')).toEqual({ type: 'leaving' })
    rig.step({ type: 'drain' })
    expect(idle(rig, 'bob')).toEqual({ type: 'leaving' })
  })

  test('because of what is against the open jobs, each counted', () => {
    const rig = new Rig()
    rig.publish({ project: 'ising' })
    rig.publish({ resources: rig.resources({ ramBytes: 1e12 }) })
    rig.publish(inContainers)
    const executors = [{ type: 'wasm', profile: 1, fuelPerSecond: 1e9 }] as const
    rig.join('ann', { executors: [...executors], projects: ['folding'] })
    const why = idle(rig, 'ann')
    expect(why).toMatchObject({ type: 'waits', jobs: { fit: 0 } })
    const against = why.type === 'waits' ? why.jobs.against : []
    expect(against.map(({ reason, count }) => [reason, count])).toEqual([
      ['project', 3],
      ['executor', 1],
      ['image', 1],
      ['memory', 1],
    ])
  })

  test('because it let too many units go', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 0 })
    for (let i = 0; i < 17; i++) {
      rig.offer('ann', { units: 1 })
      const executions = rig.leases('ann').slice(-1).map(named)
      rig.tell('ann', { type: 'abort', executions, why: 'owner' })
    }
    rig.offer('ann', { units: 1 })
    expect(idle(rig, 'ann')).toEqual({ type: 'rests', until: expect.any(Number) })
  })
})

describe('why is my job waiting?', () => {
  test('because there is none of that name', () => {
    const rig = new Rig()
    expect(whyJobWaits(rig.state, 'f'.repeat(64) as JobId)).toEqual({ type: 'unknown' })
  })

  test('because nobody is there, or nobody fits', () => {
    const rig = new Rig()
    const id = rig.publish({ ...sweepOf(9), resources: rig.resources({ ramBytes: 1e12 }) })
    const open = { fresh: 9, begun: 0 }
    const none = { fit: 0, against: [] }
    expect(whyJobWaits(rig.state, id)).toEqual({ type: 'waits', open, nodes: none })
    rig.join('ann')
    const measure = { needed: 1e12, lent: 16e9 }
    expect(whyJobWaits(rig.state, id)).toEqual({
      type: 'waits',
      open,
      nodes: { fit: 0, against: [{ reason: 'memory', count: 1, alone: 1, measure }] },
    })
  })

  test('because all is decided, and audits are not over; and then it has ended', () => {
    const rig = new Rig()
    const id = rig.publish()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.work({ kim: 'right', ann: 'right' })
    expect(whyJobWaits(rig.state, id)).toEqual({ type: 'decided', held: 2 })
    rig.pass(60_000)
    expect(whyJobWaits(rig.state, id)).toEqual({ type: 'ended', as: 'final' })
  })

  test('because its deadline is over, or it was cancelled', () => {
    const rig = new Rig()
    for (const name of ['kim', 'ann']) rig.join(name, { units: 0 })
    const [late, unwanted] = [
      rig.publish({ ...sweepOf(2), deadline: noon + 1000 }),
      rig.publish(sweepOf(2)),
    ]
    for (const name of ['kim', 'ann']) rig.offer(name, { units: 4 })
    for (const name of ['kim', 'ann']) rig.deliverAll(name, (unit) => (unit === 0 ? 'right' : name))
    rig.act('ada', { type: 'cancel', job: unwanted })
    rig.pass(1000)
    const why = [late, unwanted].map((id) => whyJobWaits(rig.state, id))
    expect(why).toEqual([
      { type: 'closing', why: 'deadline' },
      { type: 'closing', why: 'cancelled' },
    ])
  })

  test('because its budget pays no unit beside those that are open', () => {
    const rig = new Rig()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.publish(sweepOf(5))
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(60_000)
    const resources = rig.resources({ fuel: 4e9 })
    const id = rig.publish({ ...sweepOf(9), budgetMicro: 9000, resources }, 'kim')
    rig.offer('ann', { units: 1 })
    rig.offer('kim', { units: 2 })
    expect(whyJobWaits(rig.state, id)).toEqual({ type: 'parked', reserved: 8000 })
  })
})

describe('why does my unit wait?', () => {
  const none = { leased: 0, results: 0 }

  test('because nobody was given it yet; one that the job has not is none', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(2))
    rig.join('ann', { units: 1 })
    expect(whyUnitWaits(rig.state, id, 1, noon)).toMatchObject({ stage: 'fresh', ...none })
    expect(whyUnitWaits(rig.state, id, 2, noon)).toBeUndefined()
    expect(whyUnitWaits(rig.state, 'f'.repeat(64) as JobId, 0, noon)).toBeUndefined()
  })

  test('because whoever is there has a part in it already', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(1))
    rig.join('ann', { units: 4 })
    const nodes = { fit: 0, against: [{ reason: 'apart', count: 1, alone: 1 }] }
    const waits = { type: 'waits', nodes }
    const at = () => whyUnitWaits(rig.state, id, 0, noon)
    expect(at()).toMatchObject({ stage: 'begun', leased: 1, results: 0, waits })
    rig.deliverAll('ann', () => 'right')
    expect(at()).toMatchObject({ stage: 'begun', leased: 0, results: 1, waits })
    // Whoever has no part in it is not apart from it.
    rig.join('bob', { units: 0 })
    expect(at()).toMatchObject({
      waits: { nodes: { against: [{ reason: 'full' }, nodes.against[0]] } },
    })
  })

  test('because it does not: it is decided', () => {
    const rig = new Rig()
    const id = rig.publish()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.work({ kim: 'right', ann: 'right' })
    expect(whyUnitWaits(rig.state, id, 0, noon)).toMatchObject({ stage: 'decided', ...none })
  })
})
