import { expect, test } from 'vitest'
import type { Stands } from '../../core/match/tally.ts'
import { idleOf, waitsOf } from './words.ts'

function saidOf(stands: Omit<Stands, 'count' | 'alone'>): string {
  const nodes = { fit: 0, against: [{ ...stands, count: 2, alone: 2 }] }
  const { words } = waitsOf({ type: 'waits', open: { fresh: 1, begun: 0 }, nodes })
  return words
}

test('what a job waits for is said with what it needs, and what is lent', () => {
  const gigabytes = { needed: 4e9, lent: 3_250_000_000 }
  expect(saidOf({ reason: 'memory', measure: gigabytes })).toBe(
    'The node lends less memory than a unit needs: 4 GB needed, 3.25 GB lent.',
  )
  expect(saidOf({ reason: 'disk', measure: { needed: 1e9, lent: 16e6 } })).toMatch(
    /: 1 GB needed, 16 MB lent\.$/,
  )
  // Also where hardly any of it is missing the two differ.
  expect(saidOf({ reason: 'disk', measure: { needed: 4.29e9, lent: 4.289e9 } })).toMatch(
    /: 4\.29 GB needed, 4\.28 GB lent\.$/,
  )
  expect(saidOf({ reason: 'memory', measure: { needed: 1e9, lent: 999_999_999 } })).toMatch(
    /: 1 GB needed, 999 MB lent\.$/,
  )
  expect(saidOf({ reason: 'cores', measure: { needed: 8, lent: 2 } })).toMatch(
    /: 8 needed, 2 lent\.$/,
  )
  expect(saidOf({ reason: 'window', measure: { needed: 60_000, lent: 30_000 } })).toMatch(
    /: 60 s needed, 30 s lent\.$/,
  )
  expect(saidOf({ reason: 'trust' })).toBe(
    'Open units of the job wait for nodes that have shown more.',
  )
})

test('why a node is idle is said with the same, of the most frequent reason', () => {
  const measure = { needed: 4, lent: 2 }
  const jobs = { fit: 0, against: [{ reason: 'cores', count: 3, alone: 3, measure } as const] }
  const words = 'Open units need more cores than it lends: 4 needed, 2 lent.'
  const against = [{ reason: 'cores', count: 3, alone: 3, words }]
  expect(idleOf({ type: 'waits', jobs })).toEqual({
    ...{ type: 'waits', jobs: { fit: 0, against }, words },
  })
})
