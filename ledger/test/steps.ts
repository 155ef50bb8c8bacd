import type { Fact } from '@nexapod/specs'
import { expect } from 'vitest'
import { learn, stateRoot } from '../fold/learn.ts'
import { emptyState, type State } from '../fold/state.ts'
import { entryOf, governance } from './world.ts'

/** A state that has learnt some facts, one entry for each or for each list of them. */
export function learnt(steps: readonly (Fact | readonly Fact[])[], time = 10): State {
  const state = emptyState()
  for (const step of steps) take(state, 'type' in step ? [step] : step, time)
  return state
}

/** Learns facts, which must be right. */
export function take(state: State, facts: readonly Fact[], time = 10): void {
  expect(learn(state, entryOf(facts, time), governance)).toMatchObject({ ok: true })
}

/** Learning these is refused with this rule, and leaves no trace. */
export function refused(state: State, facts: readonly Fact[], rule: string, time = 10): void {
  const before = stateRoot(state)
  expect(learn(state, entryOf(facts, time), governance)).toMatchObject({
    ok: false,
    refusal: { detail: expect.stringContaining(rule) },
  })
  expect(stateRoot(state)).toBe(before)
}
