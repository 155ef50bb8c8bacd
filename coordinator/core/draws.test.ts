import { toHex } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { Draws } from './draws.ts'

const secretOf = (byte: number) => new Uint8Array(32).fill(byte)
const rowOf = (draws: Draws) => Array.from({ length: 100 }, () => draws.next())

test('the same secret gives the same numbers, another secret gives others', () => {
  const row = rowOf(new Draws(secretOf(1)))
  expect(rowOf(new Draws(secretOf(1)))).toEqual(row)
  expect(rowOf(new Draws(secretOf(2)))).not.toEqual(row)
  expect(new Set(row).size).toBe(100)
})

test('a number below a bound is each as likely', () => {
  const draws = new Draws(secretOf(1))
  const counts = [0, 0, 0, 0, 0]
  for (let i = 0; i < 5000; i++) {
    const number = draws.below(5)
    counts[number] = (counts[number] ?? 0) + 1
  }
  expect(counts).toHaveLength(5)
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('seeds differ by period, and drawing does not change them', () => {
  const draws = new Draws(secretOf(1))
  const first = toHex(draws.seed(0))
  rowOf(draws)
  expect(toHex(draws.seed(0))).toBe(first)
  expect(new Set([0, 1, 2].map((period) => toHex(draws.seed(period)))).size).toBe(3)
})
