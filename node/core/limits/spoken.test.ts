import { fromJson, type Json, toJson } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownLimits } from '../../test/cast.ts'
import { days, limitsSchema } from './limits.ts'
import { laidOver, limitKeys, limitNamed, sayLimit, valueAt, valueIn, withValue } from './spoken.ts'
import { hoursIn, sayHours } from './week.ts'

const written = toJson(limitsSchema, ownLimits)

function limit(key: string) {
  const found = limitNamed(key)
  if (!found.ok) throw new Error(key)
  return found.value
}

function refusedOf(key: string, text: string): string | undefined {
  const value = valueIn(limit(key), text)
  return value.ok ? undefined : `${value.refusal.at}: ${value.refusal.detail}`
}

describe('a limit', () => {
  test('has a key for each value of the schema, and each is said and read again', () => {
    expect(limitKeys.length).toBeGreaterThan(20)
    const full = withValue(withValue(written, 'celsiusMax', 80), 'battery.percentMin', 40)
    for (const one of limitKeys) {
      const value = valueAt(full, one.key)
      if (value === undefined) continue
      expect([one.key, valueIn(one, sayLimit(one, value))]).toEqual([one.key, { ok: true, value }])
    }
  })

  test('is written as people write it', () => {
    const cases: [key: string, text: string, value: Json][] = [
      ['diskBytes', '4 GB', 4e9],
      ['diskBytes', '1.5gib', 1.5 * 2 ** 30],
      ['diskBytes', '12', 12],
      ['idleAfterMs', '5 min', 300_000],
      ['inUse.cpuPercent', '50 %', 50],
      ['celsiusMax', '80 °C', 80],
      ['metered', 'No', false],
      ['projects', 'all', []],
      ['projects', 'folding, climate', ['folding', 'climate']],
      ['programs', 'none', []],
      ['hours', 'always', []],
    ]
    for (const [key, text, value] of cases) {
      expect([key, valueIn(limit(key), text)]).toEqual([key, { ok: true, value }])
    }
  })

  test('that is written otherwise is refused with the form that it has', () => {
    expect(refusedOf('metered', 'perhaps')).toBe('metered: expected yes or no, found perhaps')
    expect(refusedOf('metered', 'toString')).toMatch(/yes or no/)
    expect(refusedOf('diskBytes', '4 lots')).toMatch(/a size such as 4 GB/)
    expect(refusedOf('diskBytes', '-4 GB')).toMatch(/a size such as 4 GB/)
    expect(refusedOf('idleAfterMs', 'soon')).toMatch(/a time such as 5 min/)
    expect(refusedOf('idle.cores', '1.5')).toMatch(/a whole number from 0 to 1024/)
    expect(refusedOf('hours', 'mon-fri')).toMatch(/hours such as/)
  })

  test('that there is not is refused with the nearest', () => {
    const near = (key: string) => limitNamed(key)
    expect(near('idle.core')).toMatchObject({ refusal: { detail: 'did you mean idle.cores?' } })
    expect(near('executors.im')).toMatchObject({
      refusal: { detail: 'did you mean executors.images?' },
    })
    expect(near('__proto__')).toMatchObject({ refusal: { code: 'document.unknown-key' } })
    expect(near('DiskBytes')).toMatchObject({ ok: true, value: { key: 'diskBytes' } })
  })
})

describe('hours', () => {
  test('are read as they are said, whatever they are', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((at) => at.map((part) => String(part).padStart(2, '0')).join(':'))
    const on = fc
      .uniqueArray(fc.constantFrom(...days), { minLength: 1 })
      .map((some) => days.filter((day) => some.includes(day)))
    const span = fc.record({ days: on, from: clock, to: clock })
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 5 }), (hours) => {
        expect(hoursIn(sayHours(hours))).toEqual(hours)
      }),
    )
  })

  test('may go over the end of the week, and name no day for all', () => {
    expect(hoursIn('sat-mon 08:00-09:00')?.[0]?.days).toEqual(['sat', 'sun', 'mon'])
    expect(hoursIn('20:00-08:00')?.[0]?.days).toEqual(days)
    expect(hoursIn('someday 20:00-08:00')).toBeUndefined()
  })
})

describe('what a file says', () => {
  test('is laid over what is usual, map by map, and no further', () => {
    const said = { idle: { cores: 1 }, hours: [] }
    const all = laidOver(written, said)
    const read = fromJson(limitsSchema, all)
    expect(read).toMatchObject({ ok: true, value: { idle: { cores: 1, cpuPercent: 100 } } })
    expect(laidOver(written, {})).toEqual(written)
  })

  test('hides nothing that is wrong', () => {
    for (const wrong of ['{"idle":5}', '{"idel":{}}', '{"__proto__":{"v":1}}', '{"toString":1}']) {
      const all = laidOver(written, JSON.parse(wrong))
      expect([wrong, fromJson(limitsSchema, all).ok]).toEqual([wrong, false])
    }
  })

  test('is taken back without a trace', () => {
    const said = withValue({ v: 1 }, 'battery.percentMin', 30)
    expect(said).toEqual({ v: 1, battery: { percentMin: 30 } })
    expect(withValue(said, 'battery.percentMin', undefined)).toEqual({ v: 1 })
    expect(withValue({ v: 1 }, 'avoids.projects', undefined)).toEqual({ v: 1 })
  })
})
