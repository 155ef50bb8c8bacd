import { limits as bounds } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { lendsForMs } from './hours.ts'
import { days, type Limits } from './limits.ts'

type Hours = Limits['hours']
const hour = 3_600_000
const workdays: Hours[number]['days'] = ['mon', 'tue', 'wed', 'thu', 'fri']
const nights: Hours = [{ days: workdays, from: '20:00', to: '06:00' }]
const at = (day: (typeof days)[number], clock: string) => ({
  day,
  minute: Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)),
})

describe('hours', () => {
  test('that are not given are all hours', () => {
    expect(lendsForMs([], at('sun', '03:00'))).toBe(bounds.windowMsMax)
  })

  test('begin with their first minute and end before their last', () => {
    const noons: Hours = [{ days: ['sat'], from: '12:00', to: '13:00' }]
    expect(lendsForMs(noons, at('sat', '11:59'))).toBe(0)
    expect(lendsForMs(noons, at('sat', '12:00'))).toBe(hour)
    expect(lendsForMs(noons, at('sat', '12:59'))).toBe(60_000)
    expect(lendsForMs(noons, at('sat', '13:00'))).toBe(0)
    expect(lendsForMs(noons, at('sun', '12:30'))).toBe(0)
  })

  test('that end before they begin go on into the next day', () => {
    expect(lendsForMs(nights, at('mon', '19:59'))).toBe(0)
    expect(lendsForMs(nights, at('mon', '22:00'))).toBe(8 * hour)
    expect(lendsForMs(nights, at('tue', '05:00'))).toBe(hour)
    expect(lendsForMs(nights, at('sat', '05:00'))).toBe(hour)
    expect(lendsForMs(nights, at('sat', '22:00'))).toBe(0)
    expect(lendsForMs(nights, at('mon', '05:00'))).toBe(0)
  })

  test('of Sunday night reach into Monday', () => {
    const sundays: Hours = [{ days: ['sun'], from: '22:00', to: '02:00' }]
    expect(lendsForMs(sundays, at('mon', '01:00'))).toBe(hour)
  })

  test('that touch are one span', () => {
    const weekend: Hours = [
      { days: ['fri'], from: '20:00', to: '24:00' },
      { days: ['sat', 'sun'], from: '00:00', to: '24:00' },
    ]
    expect(lendsForMs(weekend, at('fri', '23:00'))).toBe(49 * hour)
  })

  test('of every day, all day, have no end', () => {
    const always: Hours = [{ days: [...days], from: '00:00', to: '24:00' }]
    expect(lendsForMs(always, at('wed', '10:00'))).toBe(bounds.windowMsMax)
    const touching: Hours = [{ days: [...days], from: '06:00', to: '06:00' }]
    expect(lendsForMs(touching, at('wed', '10:00'))).toBe(bounds.windowMsMax)
  })
})
