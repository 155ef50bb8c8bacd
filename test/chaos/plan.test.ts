import { describe, expect, test } from 'vitest'
import { type FaultKind, kindNames, kinds, plan } from './plan.ts'

const hour = { ms: 3_600_000, coordinators: 3, nodes: 8 }

describe('a plan', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(plan({ seed: 7, ...hour })).toEqual(plan({ seed: 7, ...hour }))
    expect(plan({ seed: 7, ...hour })).not.toEqual(plan({ seed: 8, ...hour }))
  })

  test('of an hour has every fault', () => {
    const drawn = new Set(plan({ seed: 7, ...hour }).map(({ kind }) => kind))
    const usual = kindNames.filter((kind) => kinds[kind].weight > 0)
    expect(usual.filter((kind) => !drawn.has(kind))).toEqual([])
  })

  test('has no two faults of coordinators at one time', () => {
    const faults = plan({ seed: 7, ...hour }).filter(({ kind }) => {
      return kinds[kind].side === 'coordinator'
    })
    faults.reduce((before, fault) => {
      expect(fault.at).toBeGreaterThan(before.at + before.forMs)
      return fault
    })
  })

  test('has the kinds that were asked for, and is over in its time', () => {
    const only: FaultKind[] = ['kill', 'node-kill']
    const faults = plan({ seed: 7, ...hour, only })
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(only))
    expect(faults.every(({ at, forMs }) => at + forMs <= hour.ms)).toBe(true)
  })
})
