/** Why there is no answer: a refusal of the coordinator, or that it is not there. */
export interface Problem {
  readonly code: string
  readonly title: string
  readonly todo: string
  /** The place in what was sent, and what was expected there. */
  readonly at?: string
  readonly expected?: string
  /** When to ask again, where that is known. */
  readonly retryMs?: number
}

/** What the coordinator said, or why it did not. */
export type Said<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }
