import { limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { type Leased, named, Rig } from '../test/rig.ts'

function hold(rig: Rig, name: string, ...leases: Leased[]): void {
  rig.tell(name, { type: 'hold', leases: leases.map(({ signed }) => signed) })
}

describe('a lease that is shown', () => {
  test('and holds, holds for as long again', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.pass(limits.leaseMs - 1)
    hold(rig, 'ann', lease)
    rig.pass(limits.leaseMs - 1)
    expect(rig.unit(id)?.leases.size).toBe(1)
  })

  test('after a restart holds again, and nobody else is given its place', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.restart()
    rig.join('ann', { units: 0 })
    hold(rig, 'ann', lease)
    rig.join('kim')
    rig.join('bob')
    expect(rig.leases('kim').length + rig.leases('bob').length).toBe(1)
    rig.tell('ann', rig.delivery('ann', lease))
    rig.deliverAll('kim')
    rig.deliverAll('bob')
    expect(rig.verdicts(id).length).toBeLessThanOrEqual(1)
    expect(rig.told('ann', 'cancel')).toEqual([])
  })

  test('after its node was given the unit once more holds again, and the other one is lost', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.restart()
    rig.join('ann', { units: 1 })
    const again = rig.lease('ann')
    expect(again.lease.slot).not.toBe(lease.lease.slot)
    hold(rig, 'ann', lease)
    expect(rig.told('ann', 'cancel')).toEqual([{ type: 'cancel', executions: [named(again)] }])
    expect([...(rig.unit(id)?.leases ?? [])].map(({ fence }) => fence)).toEqual([lease.lease.fence])
  })

  test('after it ended holds again, if its place is free', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.pass(limits.leaseMs)
    expect(rig.unit(id)?.leases.size).toBe(0)
    hold(rig, 'ann', lease)
    expect(rig.unit(id)?.leases.size).toBe(1)
  })

  test('of which the receipt is there is left alone', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.deliverAll('ann')
    rig.restart()
    rig.join('ann', { units: 0 })
    hold(rig, 'ann', lease)
    expect(rig.told('ann', 'cancel')).toEqual([])
    expect(rig.unit(id)?.leases.size).toBe(0)
  })

  test('of another chain is for others to answer', () => {
    const rig = new Rig()
    const elsewhere = new Rig({ settleMs: 1 })
    elsewhere.publish()
    elsewhere.join('ann', { units: 1 })
    rig.join('ann')
    hold(rig, 'ann', elsewhere.lease('ann'))
    expect(rig.told('ann', 'cancel')).toEqual([])
  })
})

describe('lost, and that is told, is a lease', () => {
  test('of another node', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 })
    rig.join('bob', { units: 0 })
    hold(rig, 'bob', rig.lease('ann'))
    expect(rig.told('bob', 'cancel')).toEqual([
      { type: 'cancel', executions: [named(rig.lease('ann'))] },
    ])
  })

  test('of a unit that was decided without it', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.pass(limits.leaseMs)
    rig.join('kim')
    rig.join('bob')
    rig.deliverAll('kim')
    rig.deliverAll('bob')
    expect(rig.verdicts(id)).toEqual(['accepted'])
    hold(rig, 'ann', lease)
    expect(rig.told('ann', 'cancel')).toHaveLength(1)
  })

  test('of a job that was cancelled', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(2))
    rig.join('ann', { units: 2 })
    rig.join('kim', { units: 2 })
    const [one, two] = rig.leases('ann') as [Leased, Leased]
    rig.tell('ann', rig.delivery('ann', one))
    const same = rig.leases('kim').find(({ lease }) => lease.unit === one.lease.unit)
    if (same !== undefined) rig.tell('kim', rig.delivery('kim', same))
    rig.act('ada', { type: 'cancel', job: id })
    rig.restart()
    rig.join('ann')
    hold(rig, 'ann', two)
    expect(rig.told('ann', 'cancel')).toEqual([{ type: 'cancel', executions: [named(two)] }])
  })

  test('whose owner got another part in the unit meanwhile, by another node', () => {
    const rig = new Rig()
    rig.publish()
    for (const name of ['ann', 'bob']) {
      rig.join(name, { units: 0 }, undefined, { delegation: rig.delegation('ora', name) })
    }
    rig.offer('ann', { units: 1 })
    const lease = rig.lease('ann')
    rig.restart()
    rig.join('bob', { units: 1 })
    rig.join('ann', { units: 1 })
    hold(rig, 'ann', lease)
    expect(rig.told('ann', 'cancel')).toEqual([{ type: 'cancel', executions: [named(lease)] }])
  })

  test('whose network got a part in the unit meanwhile, where networks are told apart', () => {
    const rig = new Rig({ apart: 'networks' })
    rig.publish()
    rig.join('ann', { units: 1 }, 'one')
    const lease = rig.lease('ann')
    rig.restart()
    rig.join('bob', { units: 1 }, 'one')
    rig.join('ann', { units: 0 }, 'one')
    hold(rig, 'ann', lease)
    expect(rig.told('ann', 'cancel')).toEqual([{ type: 'cancel', executions: [named(lease)] }])
  })
})
