import {
  type Answer,
  type ChainId,
  type Document,
  type Entry,
  open,
  type Refusal,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import type { Governance } from '../chain/stand.ts'
import type { State } from './state.ts'

/** What a fact is learnt with: the state, and the entry and governance that it stands in. */
export interface Learning {
  readonly state: State
  readonly chain: ChainId
  readonly entry: Pick<Entry, 'time' | 'epoch' | 'seq'>
  readonly governance: Governance
}

/** A fact broke a rule: thrown inside `learn`, which takes back what the entry did so far. */
export class Broken {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    this.refusal = refusal
  }
}

/** Holds a rule of the ledger. */
export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(refusalOf('ledger.rule', { detail: rule }))
}

/** What there must be, or the rule that it is there. */
export function needed<T>(value: T | undefined, rule: string): T {
  must(value !== undefined, rule)
  return value
}

/** What a signed document in a fact says; the fact falls with it. */
export function opened<T>(document: Document<T>, signed: Signed<T>): T {
  return given(open(document, signed))
}

/** The value of an answer; the fact falls with a refusal. */
export function given<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Broken(answer.refusal)
  return answer.value
}
