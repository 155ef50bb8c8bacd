import { decode, encode, fromJson, toJson } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { ownLimits } from '../../test/cast.ts'
import { limitsSchema } from './limits.ts'

function refusedAt(change: object): string[] {
  const answer = fromJson(limitsSchema, { ...ownLimits, ...change })
  if (answer.ok) return []
  return [answer.refusal, ...(answer.others ?? [])].map(({ code, at = '' }) => `${code} ${at}`)
}

describe('a file of limits', () => {
  test('is read as it is written', () => {
    const written = toJson(limitsSchema, ownLimits)
    expect(fromJson(limitsSchema, JSON.parse(JSON.stringify(written)))).toEqual({
      ok: true,
      value: ownLimits,
    })
    expect(decode(limitsSchema, encode(limitsSchema, ownLimits))).toEqual({
      ok: true,
      value: ownLimits,
    })
  })

  test.each([
    [
      'a time that no clock shows',
      { hours: [{ days: ['mon'], from: '24:30', to: '09:00' }] },
      'document.form hours[0].from',
    ],
    [
      'a day that no week has',
      { hours: [{ days: ['monday'], from: '08:00', to: '09:00' }] },
      'document.choice hours[0].days[0]',
    ],
    [
      'more than a whole core',
      { idle: { ...ownLimits.idle, cpuPercent: 101 } },
      'document.bounds idle.cpuPercent',
    ],
    [
      'an image without a digest',
      { executors: { ...ownLimits.executors, images: ['x:latest'] } },
      'document.form executors.images[0]',
    ],
    ['a wish that is none', { onReturn: 'sulk' }, 'document.choice onReturn'],
    ['a limit that nothing reads', { moonPhase: 'full' }, 'document.unknown-key moonPhase'],
    ['a heat that melts it', { celsiusMax: 900 }, 'document.bounds celsiusMax'],
  ])('is refused with %s, at its place', (_, change, refusal) => {
    expect(refusedAt(change)).toEqual([refusal])
  })
})
