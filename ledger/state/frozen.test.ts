import type { Account, Digest } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { stateRoot } from '../fold/learn.ts'
import { emptyState, type State } from '../fold/state.ts'
import { frozen, Thaw } from './frozen.ts'

/** A state with rows of both sorts of tables, and free places between and behind them. */
function made(rows: number): State {
  const state = emptyState()
  for (let i = 0; i < rows; i++) {
    state.balances.set(account(i), { micro: i + 1 })
    state.done.set('a'.repeat(64), i, { bits: new Uint8Array(128).fill(i) })
  }
  state.tables.keep()
  for (let i = 0; i < rows; i += 3) state.balances.delete(account(i))
  state.done.delete('a'.repeat(64), rows - 1)
  state.tables.keep()
  return state
}

function account(i: number): Account {
  return `owner/${i}` as Account
}

function thawed(parts: Iterable<Uint8Array>) {
  const thaw = new Thaw()
  for (const part of parts) thaw.take(part)
  return thaw.end()
}

/** What a state becomes when the same is done to it: new rows take the places that were left. */
function goOn(state: State): Digest {
  for (let i = 0; i < 9; i++) state.balances.set(account(1000 + i), { micro: 1 })
  state.done.deleteAll('a'.repeat(64))
  state.tables.keep()
  return stateRoot(state)
}

describe('a frozen state', () => {
  test.each([0, 1, 2, 5, 64])('of %i rows thaws, and goes on as the living one', (rows) => {
    const state = made(rows)
    const answer = thawed(frozen(state))
    if (!answer.ok) throw new Error(JSON.stringify(answer))
    expect(stateRoot(answer.value)).toBe(stateRoot(state))
    expect(goOn(answer.value)).toBe(goOn(state))
  })

  test('is what the state was at the call, whatever it becomes while parts are taken', () => {
    const state = made(6000)
    const before = stateRoot(state)
    const parts = frozen(state)
    const taken: Uint8Array[] = []
    for (const part of parts) {
      taken.push(part)
      goOn(state)
    }
    expect(taken.length).toBeGreaterThan(3)
    expect(Math.max(...taken.map((part) => part.length))).toBeLessThanOrEqual(256 * 1024)
    const answer = thawed(taken)
    expect(answer.ok && stateRoot(answer.value)).toBe(before)
    expect(stateRoot(state)).not.toBe(before)
  })

  test('is refused with any byte flipped, cut or added, and a part lost or twice', () => {
    const parts = [...frozen(made(7))]
    const [rows, root] = parts as [Uint8Array, Uint8Array]
    expect(parts.length).toBe(2)
    const refused = (...others: Uint8Array[]) => {
      expect(thawed(others)).toMatchObject({ refusal: { code: 'ledger.damaged' } })
    }
    for (const [i, part] of parts.entries()) {
      for (let at = 0; at < part.length; at++) {
        const flipped = part.with(at, (part[at] as number) ^ (1 << (at % 8)))
        refused(...parts.with(i, flipped))
        refused(...parts.with(i, part.slice(0, at)))
      }
      refused(...parts.with(i, Uint8Array.of(...part, 0)))
    }
    refused()
    refused(rows)
    refused(root)
    refused(rows, rows, root)
    refused(root, rows)
    refused(rows, root, root)
  })
})
