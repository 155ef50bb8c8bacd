import { limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'

/** A node gives back what it is given, so many times. */
function giveBack(rig: Rig, times: number): void {
  for (let i = 0; i < times; i++) {
    rig.offer('ann', { units: 1 })
    rig.tell('ann', { type: 'abort', executions: rig.leases('ann').map(named), why: 'owner' })
    rig.said.set('ann', [])
  }
}

describe('a node that gives back what it was given', () => {
  test('has to wait after a while, and is told so', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 0 })
    giveBack(rig, 16)
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(1)
    giveBack(rig, 1)
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toEqual([])
    expect(rig.told('ann', 'idle')[0]?.reasons[0]?.code).toBe('rest')
    rig.close('ann')
    rig.join('ann', { units: 1 })
    expect(rig.leases('ann')).toEqual([])
    rig.offer('ann', { units: 0 })
    rig.pass(10 * 60_000)
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(1)
  })

  test('has to wait although it delivers as often', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 0 })
    for (let i = 0; i < 17; i++) {
      giveBack(rig, 1)
      rig.offer('ann', { units: 1 })
      rig.deliverAll('ann')
    }
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toEqual([])
  })

  test('has not if it happens now and then', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 0 })
    for (let i = 0; i < 30; i++) {
      giveBack(rig, 1)
      rig.pass(10 * 60_000)
    }
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(1)
  })

  test('is given no more on the offer that it gave it back from', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 2 })
    rig.tell('ann', { type: 'abort', executions: rig.leases('ann').map(named), why: 'owner' })
    rig.pass(limits.leaseMs)
    expect(rig.leases('ann')).toHaveLength(2)
  })
})
