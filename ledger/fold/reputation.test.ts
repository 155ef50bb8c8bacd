import { expect, test } from 'vitest'
import { newcomer, passed, struck } from './reputation.ts'
import type { Reputation } from './state.ts'

function after(passes: number, from = newcomer): Reputation {
  let reputation = from
  for (let i = 0; i < passes; i++) reputation = passed(reputation, true)
  return reputation
}

test('a pass counts as vouched only if somebody vouches', () => {
  expect(passed(newcomer, false)).toEqual({ vouched: 0, passes: 1, strikes: 0 })
  expect(passed(newcomer, true)).toEqual({ vouched: 1, passes: 1, strikes: 0 })
})

test('whoever was wrong begins again, with a strike', () => {
  expect(struck(after(500))).toEqual({ vouched: 0, passes: 500, strikes: 1 })
})

test('two thousand vouched passes in a row take one strike away', () => {
  const twice = struck(struck(newcomer))
  expect(after(1999, twice).strikes).toBe(2)
  expect(after(2000, twice).strikes).toBe(1)
  expect(passed(after(2000, twice), false).strikes).toBe(1)
  expect(after(4000, twice).strikes).toBe(0)
  expect(after(6000, twice).strikes).toBe(0)
  expect(after(1999, struck(after(1999, twice))).strikes).toBe(3)
})
