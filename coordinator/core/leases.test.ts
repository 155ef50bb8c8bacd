import { limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'

const { leaseMs, renewMs } = limits

describe('fences', () => {
  test('ascend, are never given twice, and lie in blocks that were reserved before', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 20 })
    const before = rig.leases('ann').map(({ lease }) => lease.fence)
    rig.restart()
    rig.join('bob', { units: 20 })
    const after = rig.leases('bob').map(({ lease }) => lease.fence)
    const blocks = rig.factsOf('fences').map(({ below }) => below)
    expect(blocks).toHaveLength(2)
    expect(Math.max(...before)).toBeLessThan(blocks[0] as number)
    expect(Math.min(...after)).toBe(blocks[0])
    expect(Math.max(...after)).toBeLessThan(blocks[1] as number)
    expect(new Set([...before, ...after]).size).toBe(40)
  })

  test('are reserved by the entry in front of the lease', () => {
    const rig = new Rig()
    rig.publish()
    const entries = rig.entries.length
    expect(rig.factsOf('fences')).toEqual([])
    rig.join('ann')
    expect(rig.entries.length).toBe(entries + 2)
    expect(rig.factsOf('fences')).toHaveLength(1)
  })
})

describe('a lease', () => {
  test('that nobody renews is free again for another', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    rig.pass(leaseMs - 1)
    expect(rig.unit(id)?.leases.size).toBe(1)
    rig.pass(1)
    rig.join('bob')
    rig.join('cid')
    expect(rig.leases('bob')).toHaveLength(1)
    expect(rig.leases('cid')).toHaveLength(1)
  })

  test('that is renewed holds for as long again', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const executions = rig.leases('ann').map(named)
    for (let at = 0; at < 5 * leaseMs; at += renewMs) {
      rig.tell('ann', { type: 'renew', executions })
      rig.pass(renewMs)
    }
    expect(rig.unit(id)?.leases.size).toBe(1)
    expect(rig.told('ann', 'cancel')).toEqual([])
  })

  test('cannot be renewed for ever: who never delivers is a hoarder', () => {
    const rig = new Rig()
    const id = rig.publish(rigged(60_000))
    rig.join('ann', { units: 1 })
    const leases = rig.leases('ann')
    const renew = () => {
      rig.tell('ann', { type: 'renew', executions: leases.map(named) })
      rig.pass(renewMs)
    }
    while (rig.at < 3 * 60_000 + limits.stillMs - renewMs) renew()
    expect(rig.unit(id)?.leases.size).toBe(1)
    for (let i = 0; i < 3; i++) renew()
    expect(rig.node('ann')?.leases.size).toBe(0)
    expect(rig.told('ann', 'cancel').length).toBeGreaterThan(0)
    const told = rig.told('ann', 'cancel').length
    rig.tell('ann', { type: 'hold', leases: leases.map(({ signed }) => signed) })
    expect(rig.node('ann')?.leases.size).toBe(0)
    expect(rig.told('ann', 'cancel')).toHaveLength(told + 1)
  })

  test('of somebody else cannot be renewed, and that is told', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 })
    rig.join('bob', { units: 0 })
    const executions = rig.leases('ann').map(named)
    rig.tell('bob', { type: 'renew', executions })
    expect(rig.told('bob', 'cancel')).toEqual([{ type: 'cancel', executions }])
    const [one] = executions
    if (one === undefined) throw new Error('no lease')
    rig.tell('ann', { type: 'renew', executions: [{ ...one, slot: (one.slot + 1) % 16 }] })
    expect(rig.told('ann', 'cancel')).toHaveLength(1)
  })

  test('that has ended cannot be renewed', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 })
    const executions = rig.leases('ann').map(named)
    rig.pass(leaseMs)
    rig.tell('ann', { type: 'renew', executions })
    expect(rig.told('ann', 'cancel')).toEqual([{ type: 'cancel', executions }])
  })
})

describe('an abort', () => {
  test.each(['owner', 'shutdown'] as const)('by the %s leaves the unit to anybody', (why) => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 })
    rig.tell('ann', { type: 'abort', executions: rig.leases('ann').map(named), why })
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(2)
  })

  test.each(['time', 'memory', 'data', 'executor'] as const)(
    'for want of %s passes over its owner for a minute',
    (why) => {
      const rig = new Rig()
      rig.publish()
      rig.join('ann', { units: 1 })
      rig.tell('ann', { type: 'abort', executions: rig.leases('ann').map(named), why })
      rig.offer('ann', { units: 1 })
      rig.pass(59_999)
      rig.offer('ann', { units: 1 })
      expect(rig.leases('ann')).toHaveLength(1)
      rig.pass(1)
      rig.offer('ann', { units: 1 })
      expect(rig.leases('ann')).toHaveLength(2)
    },
  )

  test('bars each owner for a minute of its own', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 })
    rig.join('bob', { units: 1 })
    const give = (name: string) => {
      const executions = rig.leases(name).map(named)
      rig.tell(name, { type: 'abort', executions, why: 'data' })
    }
    give('ann')
    rig.pass(30_000)
    give('bob')
    rig.pass(30_000)
    rig.offer('bob', { units: 1 })
    expect(rig.leases('bob')).toHaveLength(1)
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(2)
  })

  test('of the lease of another does nothing', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    rig.join('bob', { units: 0 })
    rig.tell('bob', { type: 'abort', executions: rig.leases('ann').map(named), why: 'data' })
    expect(rig.unit(id)?.leases.size).toBe(1)
  })

  test('costs a node no strike, and its unit no attempt', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann')
    for (let i = 0; i < 20; i++) {
      rig.tell('ann', {
        type: 'abort',
        executions: rig.leases('ann').map(named).slice(-1),
        why: 'owner',
      })
      rig.offer('ann', { units: 1 })
    }
    expect(rig.verdicts(id)).toEqual([])
    expect(rig.standing('ann')).toBeUndefined()
  })
})

describe('slots', () => {
  test('are drawn, so that their numbers tell nothing', () => {
    const rig = new Rig()
    rig.publish(sweepOf(200))
    rig.join('ann', { units: 200 })
    const slots = rig.leases('ann').map(({ lease }) => lease.slot)
    const counts = Array.from({ length: 16 }, (_, i) => slots.filter((slot) => slot === i).length)
    expect(Math.min(...counts)).toBeGreaterThan(2)
    expect(Math.max(...counts)).toBeLessThan(30)
  })
})

describe('units apart', () => {
  test('go to distinct networks where the mesh demands that', () => {
    const rig = new Rig({ apart: 'networks' })
    rig.publish(sweepOf(5))
    rig.join('ann', {}, 'one')
    rig.join('bob', {}, 'one')
    expect(rig.leases('ann')).toHaveLength(5)
    expect(rig.leases('bob')).toHaveLength(0)
    rig.join('cid', {}, 'two')
    expect(rig.leases('cid')).toHaveLength(5)
  })

  test('may go to one network where it does not', () => {
    const rig = new Rig()
    rig.publish(sweepOf(5))
    rig.join('ann', {}, 'one')
    rig.join('bob', {}, 'one')
    expect(rig.leases('bob')).toHaveLength(5)
  })
})

/** A job whose units may take so long. */
function rigged(unitMs: number) {
  const resources = { cores: 1, ramBytes: 1e9, diskBytes: 1e9, gpus: 0, gpuRamBytes: 0 }
  return { resources: { ...resources, fuel: 1e9, unitMs } }
}
