import { limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

describe('nodes that wait', () => {
  test('are given what comes up, the one first that has waited longest', () => {
    const rig = new Rig()
    for (const name of ['ann', 'bob', 'cid']) rig.join(name, { units: 1 })
    rig.publish()
    expect(['ann', 'bob', 'cid'].map((name) => rig.leases(name).length)).toEqual([1, 1, 0])
    rig.publish()
    expect(rig.leases('cid')).toHaveLength(1)
  })

  test('share what comes up, however much each of them would take', () => {
    const rig = new Rig()
    const names = ['ann', 'bob', 'cid']
    for (const name of names) rig.join(name, { units: 16 })
    rig.publish({ ...sweepOf(6), replicas: { quorum: 1, max: 2 } })
    expect(names.map((name) => rig.leases(name).length)).toEqual([2, 2, 2])
  })

  test('are looked at some at a time, however many they are', () => {
    const rig = new Rig()
    for (let i = 0; i < 40; i++) rig.join(`n${i}`, { units: 1, ramBytes: 1 })
    rig.publish(sweepOf(100))
    // They all wait in line, and none fits: no step looks at more than some of them.
    for (let i = 0; i < 40; i++) expect(rig.leases(`n${i}`)).toEqual([])
    rig.join('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(1)
  })

  test('are told when to offer again, and not all the same', () => {
    const rig = new Rig()
    const retries = new Set<number>()
    for (let i = 0; i < 20; i++) {
      rig.join(`n${i}`)
      const [idle] = rig.told(`n${i}`, 'idle')
      retries.add(idle?.retryMs ?? 0)
    }
    expect(retries.size).toBeGreaterThan(10)
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(5000)
    expect(Math.max(...retries)).toBeLessThan(10_000)
  })
})

test('a node holds no more than is allowed, whatever it offers', { timeout: 30_000 }, () => {
  const rig = new Rig()
  rig.publish(sweepOf(5000))
  rig.join('ann', { units: 4096 })
  rig.offer('ann', { units: 4096 })
  expect(rig.node('ann')?.leases.size).toBe(limits.leasesPerNodeMax)
})

test('the last units of a large job wait a moment for nodes that are reliable', () => {
  const rig = new Rig()
  rig.publish(sweepOf(100))
  rig.join('slow', { units: 1 })
  rig.pass(limits.leaseMs)
  rig.join('ann', { units: 95 })
  rig.offer('slow', { units: 8 })
  const [idle] = rig.told('slow', 'idle').slice(-1)
  expect(idle?.reasons.map(({ code }) => code)).toContain('tail')
  rig.pass(30_000)
  rig.offer('slow', { units: 8 })
  expect(rig.leases('slow').length).toBeGreaterThan(1)
})
