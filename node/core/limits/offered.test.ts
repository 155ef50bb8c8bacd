import { limits as bounds, encode, offerSchema } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GB, machine, ownLimits, quietHour } from '../../test/cast.ts'
import type { Limits } from './limits.ts'
import type { Observations } from './observations.ts'
import { type Load, offeredNow } from './offered.ts'

const noLoad: Load = {
  used: { cores: 0, ramBytes: 0, diskBytes: 0 },
  coresWaiting: 0,
  unitsWaiting: 0,
  blocked: false,
  leases: 0,
  receiptsFree: 1000,
}

function units(load: Partial<Load>): number {
  return offeredNow(machine, ownLimits, quietHour, { ...noLoad, ...load }).offer.units
}

describe('an offer', () => {
  test('says what is lent, not what is built in', () => {
    const { offer, reasons } = offeredNow(machine, ownLimits, { ...quietHour, idleMs: 0 }, noLoad)
    expect(reasons).toEqual([])
    expect(offer).toMatchObject({ cores: 1, diskBytes: 20 * GB, units: 1 })
    expect(offer.ramBytes).toBe(4 * GB - bounds.wasmFileBytesMax)
  })

  test('keeps memory for the files of modules, so that what fits it has room for both', () => {
    const lending = (ramBytes: number, executors: Partial<Limits['executors']> = {}) => {
      const idle = { ...ownLimits.idle, ramBytes }
      const own = { ...ownLimits, idle, executors: { ...ownLimits.executors, ...executors } }
      const docker = { type: 'docker', isolation: 'runc', anyImage: false } as const
      const here = { ...machine, executors: [...machine.executors, docker] }
      const { offer } = offeredNow(here, own, quietHour, noLoad)
      return [offer.ramBytes, offer.diskBytes]
    }
    expect(lending(8 * GB)).toEqual([8 * GB - bounds.wasmFileBytesMax, 20 * GB])
    expect(lending(GB)).toEqual([GB / 2, GB / 2])
    expect(lending(GB, { wasm: false })).toEqual([GB, 20 * GB])
  })

  test('asks for as many units as there are cores, and some ahead', () => {
    expect(units({})).toBe(4)
    expect(units({ unitMs: 20_000 })).toBe(4 + 1)
    expect(units({ unitMs: 5000 })).toBe(4 + 7)
    const receiptsFree = 10_000
    expect(units({ unitMs: 0, receiptsFree })).toBe(4 + 4 * bounds.aheadPerCoreMax)
  })

  test('asks for none ahead that would only wait', () => {
    expect(units({ unitMs: 3_600_000 })).toBe(4)
    const busy = { cores: 4, ramBytes: 0, diskBytes: 0 }
    expect(units({ unitMs: 3_600_000, used: busy })).toBe(0)
  })

  test('asks for none for cores that others will have', () => {
    const used = { cores: 2, ramBytes: 0, diskBytes: 0 }
    expect(units({ used, coresWaiting: 1, unitsWaiting: 1, unitMs: 3_600_000 })).toBe(1)
  })

  test('asks for none while one waits for room that others use', () => {
    const used = { cores: 2, ramBytes: 0, diskBytes: 0 }
    const waiting = { coresWaiting: 1, unitsWaiting: 1, blocked: true }
    expect(units({ used, ...waiting, unitMs: 3_600_000 })).toBe(0)
  })

  test('asks for no more than may be held and kept', () => {
    expect(units({ leases: bounds.leasesPerNodeMax - 3 })).toBe(3)
    expect(units({ receiptsFree: 2 })).toBe(2)
  })

  test('for no unit says why: no room to keep receipts, or no room at all', () => {
    const reasonsOf = (load: Partial<Load>) =>
      offeredNow(machine, ownLimits, quietHour, { ...noLoad, ...load }).reasons
    expect(reasonsOf({ receiptsFree: 0 })).toMatchObject([{ code: 'spool' }])
    const busy = { cores: 4, ramBytes: 0, diskBytes: 0 }
    expect(reasonsOf({ used: busy, unitMs: 3_600_000 })).toMatchObject([{ code: 'full' }])
  })

  test('says how long the hours will last', () => {
    const hours: Limits['hours'] = [{ days: ['fri'], from: '12:00', to: '13:00' }]
    const { offer } = offeredNow(machine, { ...ownLimits, hours }, quietHour, noLoad)
    expect(offer.windowMs).toBe(3_600_000)
    // Half of a core computes in an hour what a core does in half of one.
    const inUse = { ...quietHour, idleMs: 0 }
    expect(offeredNow(machine, { ...ownLimits, hours }, inUse, noLoad).offer.windowMs).toBe(
      1_800_000,
    )
  })

  test('is always well formed, and for no unit just when there is a reason', () => {
    const bytes = fc.constantFrom(0, 1, GB, 100 * GB)
    const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
    const use = fc.record({
      cores: fc.nat(8),
      cpuPercent: fc.integer({ min: 1, max: 100 }),
      ramBytes: bytes,
    })
    const limits = fc.record({
      inUse: use,
      idle: use,
      metered: fc.boolean(),
      diskBytes: bytes,
      gpus: fc.nat(2),
      tiers: fc.subarray(['cpu', 'gpu', 'hpc'] as const),
      executors: fc.record({
        wasm: fc.boolean(),
        docker: fc.boolean(),
        anyImage: fc.boolean(),
        images: fc.constant([]),
      }),
    })
    const observed = fc.record({
      idleMs: maybe(fc.constantFrom(0, 1e6)),
      power: maybe(fc.constantFrom('mains' as const, 'battery' as const)),
      metered: maybe(fc.boolean()),
      celsius: maybe(fc.nat(100)),
      ramBytesFree: maybe(bytes),
      diskBytesFree: maybe(bytes),
    })
    const load = fc.record({
      used: fc.record({ cores: fc.nat(8), ramBytes: bytes, diskBytes: bytes }),
      coresWaiting: fc.nat(8),
      unitsWaiting: fc.nat(8),
      blocked: fc.boolean(),
      leases: fc.nat(bounds.leasesPerNodeMax),
      receiptsFree: fc.integer({ min: -5, max: 50 }),
      unitMs: fc.constantFrom(0, 10, 1e4, 1e7),
    })
    const gpus = [{ name: 'card', ramBytes: GB }]
    const tier = fc.constantFrom('cpu' as const, 'gpu' as const, 'hpc' as const)
    fc.assert(
      fc.property(limits, observed, load, tier, (own, found, held, kind) => {
        const known = Object.entries(found).filter(([, value]) => value !== undefined)
        const now: Observations = { ...quietHour, ...Object.fromEntries(known) }
        const what = { ...machine, gpus, tier: kind }
        const { offer, reasons } = offeredNow(what, { ...ownLimits, ...own }, now, held)
        encode(offerSchema, offer)
        expect(offer.units === 0).toBe(reasons.length > 0)
      }),
      { numRuns: 2000 },
    )
  })
})
