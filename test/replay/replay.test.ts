import { expect, test } from 'vitest'
import { workedChain } from '../../ledger/test/worked.ts'
import { fromHex } from '../../specs/index.ts'
import vectors from '../../specs/state/tree-vectors.json' with { type: 'json' }
import { reread } from './dealt.ts'
import { Disagreement, Duel, openingOnce } from './duel.ts'
import { entriesIn } from './exported.ts'
import { relive } from './history.ts'
import { Tally } from './tally.ts'
import { Places } from './tree.ts'

/** What happens in the histories: each kind of fact, and what can come of it. */
const happenings = [
  ...['arrive', 'bond', 'cancel', 'claim', 'delegation', 'depart', 'draw', 'earn', 'end', 'fences'],
  ...['fund', 'genesis', 'job', 'meter', 'node', 'rates', 'receipt', 'refund', 'revocation'],
  ...['roster', 'seal', 'reopen, earned', 'reopen, metered'],
  ...['accepted', 'cancelled', 'expired', 'poisoned', 'split'].map((as) => `verdict, ${as}`),
  ...['bond', 'escrow', 'mint', 'owner'].map((to) => `settle, earn to ${to}`),
  ...['bond', 'escrow', 'owner'].map((to) => `settle, meter to ${to}`),
  ...['settle, bond to owner', 'settle, bond to slash', 'settle, settle to owner'],
  ...['settle, settle to slash', 'settle, earn of a winner who is banned'],
  ...['a winner does not win again', 'a winner of before wins again', 'a vote wins that did not'],
  ...['a unit is given up again', 'an owner is banned', 'a strike is forgiven'],
]

test('two readers of the same histories find the same', { timeout: 120_000 }, () => {
  const tally = new Tally()
  const opening = openingOnce()
  // Histories in which what is rare happens.
  for (let seed = 620; seed < 820; seed++) relive(seed, 40, opening, tally)
  expect(tally.histories).toBe(200)
  expect([...tally.happened.keys()]).toEqual(expect.arrayContaining(happenings))
  // Most rules were broken too.
  expect(tally.refused.size).toBeGreaterThan(130)
})

test("the histories of the ledger's own tests are read alike", () => {
  const tally = new Tally()
  const opening = openingOnce()
  for (let seed = 0; seed < 20; seed++) reread(seed, 30, opening, tally)
  expect(tally.histories).toBe(20)
})

test('a chain on which work was done is read alike', () => {
  const duel = new Duel()
  for (const bytes of workedChain(5).entries) expect(duel.take(bytes)).toBeUndefined()
})

test('a chain is read from the file that it was exported to', () => {
  const { entries } = workedChain(1)
  const framed = entries.flatMap((entry) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(entry.length)
    return [length, entry]
  })
  const file = Buffer.concat([Buffer.from('nexapod entries 1\n'), ...framed, Buffer.alloc(4)])
  expect(entriesIn(file).map((entry) => entry.toString('hex'))).toEqual(
    entries.map((entry) => Buffer.from(entry).toString('hex')),
  )
  expect(() => entriesIn(Buffer.from('nexapod entries 2\n'))).toThrow('not a file of entries')
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
