import { expect, test } from 'vitest'
import { workedChain } from '../../ledger/test/worked.ts'
import { fromHex } from '../../specs/index.ts'
import vectors from '../../specs/state/tree-vectors.json' with { type: 'json' }
import { Disagreement, Duel, openingOnce } from './duel.ts'
import { relive, Tally } from './history.ts'
import { Places } from './tree.ts'

const each = 40
const kinds = [
  ...['arrive', 'audit', 'bond', 'cancel', 'claim', 'delegation', 'depart', 'draw', 'earn', 'end'],
  ...['fences', 'fund', 'genesis', 'job', 'meter', 'node', 'rates', 'receipt', 'refund'],
  ...['revocation', 'roster', 'seal', 'settle', 'verdict'],
]

test.each([0, 1, 2, 3])('two readers of the same histories find the same, round %i', (round) => {
  const tally = new Tally()
  const opening = openingOnce()
  for (let seed = round * each; seed < (round + 1) * each; seed++) {
    relive(seed, 40, opening, tally)
  }
  expect(tally.histories).toBe(each)
  // Each kind of fact and each purpose of a transfer was taken, and most rules were broken.
  expect([...tally.facts.keys()].sort()).toEqual(kinds)
  expect(tally.refused.size).toBeGreaterThan(70)
})

test('a chain on which work was done is read alike', () => {
  const duel = new Duel()
  for (const bytes of workedChain(5).entries) expect(duel.take(bytes)).toBeUndefined()
})

test('readers that disagree are told of, with what each says', () => {
  const duel = new Duel()
  const { entries } = workedChain(1)
  const [first, second] = entries
  duel.take(first as Uint8Array)
  duel.checker.take(second as Uint8Array)
  expect(() => duel.take(second as Uint8Array)).toThrow(Disagreement)
})

test('rows stand at the places of the vectors, below their roots', () => {
  const places = new Places()
  const rows = new Map<string, Uint8Array>()
  for (const entry of vectors.documents.tree) {
    for (const { key, value } of entry.changes as { key: string; value?: string }[]) {
      if (value === undefined) rows.delete(key)
      else rows.set(key, fromHex(value) as Uint8Array)
    }
    places.keep(rows)
    expect(places.keys.map((key) => key ?? null)).toEqual(entry.places)
    expect(places.root(rows)).toBe(entry.root)
  }
})
