import { expect, test } from 'vitest'
import { isInTurn } from './turns.ts'

test('nodes are asked in turn after a ban, the longer the fewer units are audited', () => {
  expect(isInTurn(0, 100)).toBe(true)
  expect(isInTurn(199_999, 100)).toBe(true)
  expect(isInTurn(200_000, 100)).toBe(false)
  expect(isInTurn(399_999, 50)).toBe(true)
  expect(isInTurn(400_000, 50)).toBe(false)
})

test('they are asked together where nobody was banned, and never again where nobody audits', () => {
  expect(isInTurn(Number.POSITIVE_INFINITY, 100)).toBe(false)
  expect(isInTurn(1e9, 0)).toBe(true)
})
