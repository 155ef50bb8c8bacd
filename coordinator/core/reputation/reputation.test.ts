import { expect, test } from 'vitest'
import { aged, noRecord, recorded, shown } from './reputation.ts'
import { isRarer, wilson } from './wilson.ts'

const day = 24 * 60 * 60 * 1000
const now = 20_000 * day

function after(right: number, wrong: number, at = now) {
  let record = noRecord
  for (let i = 0; i < right; i++) record = recorded(record, true, at)
  for (let i = 0; i < wrong; i++) record = recorded(record, false, at)
  return record
}

test('what is shown is how often somebody is right at least', () => {
  expect(shown(noRecord, now)).toBe(0)
  expect(shown(after(10, 0), now)).toBeCloseTo(0.7225, 4)
  expect(shown(after(100, 0), now)).toBeCloseTo(0.963, 4)
  expect(shown(after(9, 1), now)).toBeCloseTo(0.5958, 4)
  expect(shown(after(0, 10), now)).toBe(0)
})

test('what is known halves in ninety days', () => {
  const later = aged(after(100, 10), now + 90 * day)
  expect(later.right / 1000).toBeCloseTo(50, 0)
  expect(later.wrong / 1000).toBeCloseTo(5, 0)
  expect(shown(after(100, 0), now + 90 * day)).toBeCloseTo(0.929, 3)
})

test('a record is the same however often somebody looks', () => {
  let often = after(1000, 3)
  for (let hour = 0; hour <= 24 * 200; hour++) often = aged(often, now + (hour * day) / 24)
  expect(often).toEqual(aged(after(1000, 3), now + 200 * day))
})

test('a clock that goes back makes nobody younger', () => {
  const record = after(10, 0)
  expect(aged(record, now - 50 * day)).toEqual(record)
})

test('whoever was away for a thousand years has no record left', () => {
  expect(aged(after(1_000, 1_000), now + 365_000 * day)).toMatchObject({ right: 0, wrong: 0 })
})

test("Wilson's bounds hold the share, and narrow with the number", () => {
  for (const [hits, of] of [
    [0, 1],
    [1, 1],
    [3, 7],
    [50, 100],
    [0, 0],
  ] as const) {
    const { least, most } = wilson(hits, of)
    expect(least).toBeGreaterThanOrEqual(0)
    expect(most).toBeLessThanOrEqual(1)
    expect(least).toBeLessThan(most)
    if (of > 0) expect(hits / of).toBeGreaterThanOrEqual(least)
    if (of > 0) expect(hits / of).toBeLessThanOrEqual(most)
  }
  expect(wilson(5, 10).least).toBeLessThan(wilson(50, 100).least)
})

test('errors are shown to be rarer than one in ten thousand by 38,411 units without one', () => {
  expect(isRarer(0, 38_410, 1e-4)).toBe(false)
  expect(isRarer(0, 38_411, 1e-4)).toBe(true)
  expect(isRarer(1, 38_411, 1e-4)).toBe(false)
})
