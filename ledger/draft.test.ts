import { decode, type Entry, entrySchema, limits, reopen } from '@nexapod/specs'
import { expect, test } from 'vitest'
import type { Work } from './draft.ts'
import { stateRoot } from './fold/learn.ts'
import { Ledger } from './ledger.ts'
import { valued } from './test/stores.ts'
import { workedChain } from './test/worked.ts'

const kinds = ['receipt', 'verdict', 'reopen', 'transfer']
const { entries } = workedChain(6)

function isWork({ facts }: Entry): boolean {
  return facts.every((fact) => kinds.includes(fact.type) && !('request' in fact))
}

test('an entry that was written fact by fact is the one that a reader takes whole', () => {
  const [reader, drafter] = [new Ledger(reopen), new Ledger(reopen)]
  let drafted = 0
  for (const bytes of entries) {
    const entry = valued(decode(entrySchema, bytes))
    if (isWork(entry)) {
      const draft = drafter.draft(entry.time)
      expect(draft.seq).toBe(entry.seq)
      for (const fact of entry.facts)
        expect(draft.add([fact as Work])).toMatchObject({ value: true })
      expect(valued(draft.end())).toEqual(valued(reader.take(bytes)))
      drafted++
    } else for (const ledger of [reader, drafter]) valued(ledger.take(bytes))
    expect(drafter.chain.stand).toEqual(reader.chain.stand)
    expect(stateRoot(drafter.state)).toBe(stateRoot(reader.state))
  }
  expect(drafted).toBeGreaterThan(6)
})

test('what an entry has no room for is not learnt, and a refusal takes all of it back', () => {
  const ledger = new Ledger(reopen)
  const at = entries.findIndex((bytes) => isWork(valued(decode(entrySchema, bytes))))
  for (const bytes of entries.slice(0, at)) valued(ledger.take(bytes))
  const { facts, time } = valued(decode(entrySchema, entries[at] as Uint8Array))
  const before = { root: stateRoot(ledger.state), stand: ledger.chain.stand }
  const draft = ledger.draft(time)
  const [fact] = facts as readonly Work[]
  const many = Array.from({ length: limits.entryFactsMax + 1 }, () => fact as Work)
  expect(draft.add(many)).toMatchObject({ ok: true, value: false })
  expect(draft.add([fact as Work])).toMatchObject({ ok: true, value: true })
  expect(() => ledger.write(facts, time)).toThrow('another entry is being written')
  expect(draft.add([fact as Work])).toMatchObject({ ok: false, refusal: { code: 'ledger.rule' } })
  expect({ root: stateRoot(ledger.state), stand: ledger.chain.stand }).toEqual(before)
})
