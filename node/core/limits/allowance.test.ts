import { describe, expect, test } from 'vitest'
import { GB, machine, ownLimits, quietHour } from '../../test/cast.ts'
import { allowanceOf, type Used } from './allowance.ts'
import type { Limits } from './limits.ts'
import type { Machine, Observations } from './observations.ts'

const nothing: Used = { cores: 0, ramBytes: 0, diskBytes: 0 }

function allow(
  limits: Partial<Limits>,
  observed: Partial<Observations>,
  used: Used = nothing,
  more: Partial<Machine> = {},
) {
  const found = { ...quietHour, ...observed }
  return allowanceOf({ ...machine, ...more }, { ...ownLimits, ...limits }, found, used)
}

/** What is found, without one thing that the system does not tell. */
function unknown(what: keyof Observations): Observations {
  const { [what]: _, ...rest } = quietHour
  return rest as Observations
}

function stops(limits: Partial<Limits>, observed: Partial<Observations>, used = nothing) {
  return allow(limits, observed, used).stops.map(({ code }) => code)
}

describe('what may be used', () => {
  test('is more while nobody uses the machine', () => {
    expect(allow({}, { idleMs: 60_000 })).toMatchObject({ cores: 4, cpuPercent: 100 })
    expect(allow({}, { idleMs: 59_999 })).toMatchObject({ cores: 1, cpuPercent: 50 })
  })

  test('is that of a machine in use where idling cannot be seen', () => {
    const allowance = allowanceOf(machine, ownLimits, unknown('idleMs'), nothing)
    expect(allowance).toMatchObject({ cores: 1, ramBytes: 4 * GB })
  })

  test('is never more than the machine has', () => {
    expect(allow({ idle: { ...ownLimits.idle, cores: 64 } }, {}).cores).toBe(4)
  })

  test('is slower where a core is lent in part', () => {
    const [executor] = allow({}, { idleMs: 0 }).executors
    expect(executor).toMatchObject({ type: 'wasm', fuelPerSecond: 500_000_000 })
  })

  test('is nothing while it is in use, if the owner says so', () => {
    const inUse = { ...ownLimits.inUse, cores: 0 }
    expect(stops({ inUse }, { idleMs: 0 })).toEqual(['in-use'])
    expect(stops({ idle: { ...ownLimits.idle, cores: 0 } }, {})).toEqual(['cores'])
  })

  test('is nothing outside of the hours', () => {
    expect(stops({ hours: [{ days: ['mon'], from: '00:00', to: '24:00' }] }, {})).toEqual(['hours'])
  })

  test('is nothing on a battery, and on a power supply that cannot be seen', () => {
    expect(stops({}, { power: 'battery', batteryPercent: 100 })).toEqual(['battery'])
    const { stops: found } = allowanceOf(machine, ownLimits, unknown('power'), nothing)
    expect(found.map(({ code }) => code)).toEqual(['battery'])
  })

  test('goes down to the charge that the owner allows', () => {
    const battery = { percentMin: 40 }
    expect(stops({ battery }, { power: 'battery', batteryPercent: 40 })).toEqual([])
    expect(stops({ battery }, { power: 'battery', batteryPercent: 39 })).toEqual(['battery'])
    expect(stops({ battery }, { power: 'battery' })).toEqual(['battery'])
  })

  test('is nothing while it is too warm, and until it has cooled', () => {
    const busy = { cores: 1, ramBytes: 0, diskBytes: 0 }
    expect(stops({ celsiusMax: 80 }, { celsius: 79 }, busy)).toEqual([])
    expect(stops({ celsiusMax: 80 }, { celsius: 81 }, busy)).toEqual(['temperature'])
    expect(stops({ celsiusMax: 80 }, { celsius: 79 })).toEqual(['temperature'])
    expect(stops({ celsiusMax: 80 }, { celsius: 75 })).toEqual([])
    expect(stops({ celsiusMax: 80 }, {})).toEqual(['temperature'])
    expect(stops({}, { celsius: 300 })).toEqual([])
  })

  test('is nothing beside a program of the list, or if programs cannot be seen', () => {
    expect(stops({ programs: ['quake'] }, { programs: ['quake'] })).toEqual(['program'])
    expect(stops({ programs: ['quake'] }, { programs: ['vi'] })).toEqual([])
    const limits = { ...ownLimits, programs: ['quake'] }
    const { stops: found } = allowanceOf(machine, limits, unknown('programs'), nothing)
    expect(found.map(({ code }) => code)).toEqual(['program'])
    expect(allowanceOf(machine, ownLimits, unknown('programs'), nothing).stops).toEqual([])
  })

  test('is nothing without an executor or a tier that is allowed', () => {
    const executors = { ...ownLimits.executors, wasm: false }
    expect(stops({ executors }, {})).toEqual(['executors'])
    expect(stops({ tiers: ['gpu'] }, {})).toEqual(['tier'])
    expect(allow({ tiers: ['cpu'] }, {}, nothing, { tier: 'hpc' }).stops).toMatchObject([
      { code: 'tier', detail: 'hpc' },
    ])
  })

  test('has the accelerators that are lent, and the tier that goes with them', () => {
    const gpus = [1, 2].map((i) => ({ name: `card ${i}`, ramBytes: GB }))
    const more = { tier: 'gpu', gpus } as const
    expect(allow({}, {}, nothing, more)).toMatchObject({ tier: 'gpu', gpus: [gpus[0]] })
    expect(allow({ tiers: ['cpu'] }, {}, nothing, more)).toMatchObject({ tier: 'cpu', gpus: [] })
    expect(allow({ gpus: 0, tiers: ['gpu'] }, {}, nothing, more)).toMatchObject({
      tier: 'cpu',
      stops: [{ code: 'tier' }],
    })
  })

  test('offers images of the list alone, if the owner says so', () => {
    const executors = [{ type: 'docker', isolation: 'runc', anyImage: true }] as const
    expect(allow({}, {}, nothing, { executors }).executors).toMatchObject([{ anyImage: false }])
    expect(
      allow({ executors: { ...ownLimits.executors, docker: false } }, {}, nothing, { executors })
        .executors,
    ).toEqual([])
  })
})

describe('what may be fetched', () => {
  const holds = (limits: Partial<Limits>, observed: Partial<Observations>) =>
    allow(limits, observed).holds.map(({ code }) => code)

  test('is nothing over a network that is paid for, or may be', () => {
    expect(holds({}, { metered: true })).toEqual(['metered'])
    expect(holds({ metered: true }, { metered: true })).toEqual([])
    const found = allowanceOf(machine, ownLimits, unknown('metered'), nothing).holds
    expect(found.map(({ code }) => code)).toEqual(['metered'])
  })

  test('is nothing beyond the transfers of a day, either way', () => {
    const transfers = { downBytesMax: 10, upBytesMax: 5 }
    expect(holds({ transfers }, { transferred: { downBytes: 9, upBytes: 4 } })).toEqual([])
    expect(holds({ transfers }, { transferred: { downBytes: 10, upBytes: 0 } })).toEqual([
      'transfers',
    ])
    expect(holds({ transfers }, { transferred: { downBytes: 0, upBytes: 5 } })).toEqual([
      'transfers',
    ])
  })

  test('is nothing without memory or disk that is free', () => {
    expect(holds({}, { ramBytesFree: 100 })).toEqual(['memory'])
    expect(holds({}, { diskBytesFree: 100 })).toEqual(['disk'])
    expect(holds({ diskBytes: 0 }, {})).toEqual(['disk'])
  })

  test('leaves what runs alone', () => {
    expect(allow({}, { metered: true, diskBytesFree: 0 })).toMatchObject({ cores: 4, stops: [] })
  })

  test('counts what units have as free for them', () => {
    const used = { cores: 1, ramBytes: 3 * GB, diskBytes: 0 }
    expect(allow({}, { ramBytesFree: GB }, used).ramBytes).toBe(15 * 256_000_000)
    expect(allow({}, { ramBytesFree: GB }, used).ramBytesMax).toBe(8 * GB)
  })
})
