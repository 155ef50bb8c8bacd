import { describe, expect, test } from 'vitest'
import { stateRoot } from './fold/learn.ts'
import { Ledger } from './ledger.ts'
import { Writer } from './test/chains.ts'
import { delegationFact, peer } from './test/world.ts'

/** An entry that the chain takes and the fold does not. */
const wrong = { type: 'fences', below: 3 } as const

describe('a ledger', () => {
  test('takes an entry with chain and fold, or with neither', () => {
    const writer = new Writer().fill(9)
    const ledger = new Ledger()
    for (const bytes of writer.entries) expect(ledger.take(bytes).ok).toBe(true)
    const before = { stand: ledger.chain.stand, root: stateRoot(ledger.state) }
    const invented = [
      writer.next([wrong]),
      writer.next([delegationFact(peer(1), peer(2), 1, 1_000_000), wrong]),
      writer.next([{ type: 'fences', below: 99 }], { time: 1 }),
    ]
    for (const bytes of invented) {
      expect(ledger.take(bytes).ok).toBe(false)
      expect({ stand: ledger.chain.stand, root: stateRoot(ledger.state) }).toEqual(before)
    }
    expect(ledger.write([wrong], writer.time)).toMatchObject({ refusal: { code: 'ledger.rule' } })
    expect(ledger.take(writer.write({ type: 'fences', below: 99 })).ok).toBe(true)
  })

  test('writes what another reads', () => {
    const { genesis } = new Writer()
    const [one, other] = [new Ledger(), new Ledger()]
    for (let i = 0; i < 20; i++) {
      const fact = delegationFact(peer(1), peer(2 + i), 1, 1_000_000)
      const written = one.write(i === 0 ? [genesis, fact] : [fact], 2000 + i)
      if (!written.ok) throw new Error(written.refusal.code)
      expect(other.take(written.value.bytes)).toEqual(written)
    }
    expect(other.chain.stand).toEqual(one.chain.stand)
    expect(stateRoot(other.state)).toBe(stateRoot(one.state))
  })
})
