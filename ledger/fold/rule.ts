import { type Answer, type Refusal, refusalOf } from '@nexapod/specs'

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

/** The value of an answer; the fact falls with a refusal. */
export function given<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Broken(answer.refusal)
  return answer.value
}
