import { digestText, type JobId, sha256 } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { isDrawn } from './draw.ts'

const seed = sha256(new TextEncoder().encode('seed'))
const job = digestText(sha256(new TextEncoder().encode('job'))) as JobId

function drawn(permille: number, from = seed, of = job): number[] {
  return Array.from({ length: 10_000 }, (_, unit) => unit).filter((unit) => {
    return isDrawn(from, of, unit, permille)
  })
}

test('as many units are drawn as the mesh says', () => {
  expect(drawn(0)).toEqual([])
  expect(drawn(1000)).toHaveLength(10_000)
  expect(drawn(100).length).toBeGreaterThan(900)
  expect(drawn(100).length).toBeLessThan(1100)
})

test('the same are drawn each time, and with more of them those with fewer', () => {
  expect(drawn(100)).toEqual(drawn(100))
  const more = new Set(drawn(150))
  expect(drawn(100).every((unit) => more.has(unit))).toBe(true)
})

test('another seed, or another job, draws others', () => {
  const other = sha256(seed)
  expect(drawn(100, other)).not.toEqual(drawn(100))
  expect(drawn(100, seed, digestText(other) as JobId)).not.toEqual(drawn(100))
})
