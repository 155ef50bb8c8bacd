import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits, newcomersAgreeing } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { weightsFile } from './emit/weights.ts'
import { weightOfVote } from './vote.ts'
import { bar, fullWeight, weightOf } from './weight.ts'
import { weights } from './weights.ts'

test('the table is what the emitter gives', () => {
  const golden = readFileSync(join(import.meta.dirname, 'weights.ts'), 'utf8')
  const hint =
    'changed on purpose? run `pnpm --filter coordinator emit`, and look at the difference'
  expect(golden === weightsFile(), hint).toBe(true)
})

test('weights rise from the odds of a stranger to those of one error in ten thousand', () => {
  expect(weights[0]).toBe(847)
  expect(fullWeight).toBe(9210)
  for (const [k, weight] of weights.entries()) {
    expect(Number.isSafeInteger(weight)).toBe(true)
    expect(weight).toBeGreaterThanOrEqual(weights[k - 1] ?? 0)
  }
})

test('a node has to show 1577 passes to be enough alone, and no fewer', () => {
  expect(weightOf(1576)).toBeLessThan(bar)
  expect(weightOf(1577)).toBe(bar)
  expect(weightOf(Number.MAX_SAFE_INTEGER)).toBe(bar)
})

test('strikes halve what a node has shown; the own nodes of a mesh have nothing to show', () => {
  const node = { own: false, vouched: 800, strikes: 0 }
  expect(weightOfVote(node)).toBe(weightOf(800))
  expect(weightOfVote({ ...node, strikes: 3 })).toBe(weightOf(100))
  expect(weightOfVote({ ...node, strikes: 400 })).toBe(weightOf(25))
  expect(weightOfVote({ ...node, vouched: 2 ** 50, strikes: 5 })).toBe(fullWeight)
  expect(weightOfVote({ own: true, vouched: 0, strikes: 3 })).toBe(fullWeight)
})

test('two anchors are enough, and an anchor with a stranger is not', () => {
  expect(2 * weightOf(100)).toBeGreaterThanOrEqual(bar)
  expect(weightOf(100) + weightOf(0)).toBeLessThan(bar)
})

test('newcomers who agree are as many as a unit may have executions', () => {
  expect(newcomersAgreeing).toBeLessThanOrEqual(limits.attemptsMax)
})
