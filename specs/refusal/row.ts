/** Whose fault a refusal is, which says what to do about it: mend it, report it, or wait. */
export type Blame = 'theirs' | 'ours' | 'later'

/** What is known of a refusal. */
export interface Row {
  readonly fault: Blame
  readonly http: number
  /** What happened. */
  readonly what: string
  /** What to do now. */
  readonly todo: string
}

/** Who sent it has to mend it. */
export function theirs(http: number, what: string, todo: string): Row {
  return { fault: 'theirs', http, what, todo }
}

/** Who runs this has to mend it. */
export function ours(http: number, what: string, todo: string): Row {
  return { fault: 'ours', http, what, todo }
}

/** It may go another time. */
export function later(http: number, what: string, todo: string): Row {
  return { fault: 'later', http, what, todo }
}
