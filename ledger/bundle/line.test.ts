import {
  decode,
  type Entry,
  entrySchema,
  type Fact,
  idOf,
  type Roster,
  rosterDocument,
  sealDocument,
  sign,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyOf, signers, Writer } from '../test/chains.ts'
import { valued } from '../test/stores.ts'
import { governs, Line } from './line.ts'

const three = signers.slice(0, 3)

function roster(writer: Writer, revision: number, prev: Roster['prev'], members: number): Fact {
  const value: Roster = {
    ...{ v: 1, mesh: writer.meshId, revision, prev, issued: 1 },
    signers: [0, 1, 2].map(keyOf),
    members: signers.slice(0, members).map((_, i) => ({ coordinator: keyOf(i), addresses: [] })),
    quorum: members,
  }
  return { type: 'roster', roster: sign(rosterDocument, value, ...three) }
}

/** A chain whose roster changes twice, and that is sealed between. */
function governed() {
  const writer = new Writer().fill(3)
  const first = roster(writer, 1, writer.meshId, 3)
  writer.write(first)
  writer.fill(4)
  const seal = {
    ...{ v: 1 as const, chain: writer.chain, epoch: 0, size: writer.entries.length },
    ...{ head: writer.head, successor: keyOf(2), issued: 1, signers: [0, 1, 2].map(keyOf) },
  }
  writer.epoch = 1
  writer.author = 2
  writer.write({ type: 'seal', seal: sign(sealDocument, seal, ...three) })
  writer.fill(2)
  if (first.type !== 'roster') throw new Error('no roster')
  writer.write(roster(writer, 2, idOf(rosterDocument, first.roster.body), 4))
  writer.fill(2)
  const entries = writer.entries.map((bytes) => valued(decode(entrySchema, bytes)))
  return { entries, last: entries.at(-1) as Entry }
}

function read(entries: readonly Entry[]) {
  const [first, ...rest] = entries
  const line = valued(Line.begin(first as Entry))
  for (const entry of rest) {
    const taken = line.take(entry)
    if (!taken.ok) return taken.refusal.code
  }
  return line
}

test('who governs and writes is read from the entries that say so alone', () => {
  const { entries, last } = governed()
  const shown = [...entries.filter(governs), last]
  expect(shown.length).toBe(5)
  const line = read(shown)
  expect(line).toMatchObject({ epoch: 1, coordinator: keyOf(2) })
  expect(line).toMatchObject({ governance: { revision: 2, quorum: 4 } })
})

test('a seal or a change of the roster that is left out leaves a gap', () => {
  const { entries, last } = governed()
  const [genesis, first, seal, second] = entries.filter(governs) as [Entry, Entry, Entry, Entry]
  expect(read([genesis, first, second, last])).toBe('chain.link')
  expect(read([genesis, first, last])).toBe('chain.link')
  expect(read([genesis, seal, second, last])).toBe('chain.roster')
  expect(read([genesis, first, seal, first])).toBe('chain.link')
  expect(Line.begin(first)).toMatchObject({ refusal: { code: 'chain.link' } })
})

test('a seal by too few, or at another place, begins no epoch', () => {
  const { entries } = governed()
  const [genesis, first, seal] = entries.filter(governs) as [Entry, Entry, Entry]
  expect(read([genesis, first, { ...seal, seq: seal.seq + 1 }])).toBe('chain.link')
  expect(read([genesis, first, { ...seal, prev: seal.chain as string as Entry['prev'] }])).toBe(
    'chain.link',
  )
})
