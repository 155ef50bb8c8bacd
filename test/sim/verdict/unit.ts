import type { Cast } from './member.ts'

/** A unit, until it is final. */
export interface Unit {
  readonly number: number
  readonly casts: Cast[]
  /** What was accepted, if anything was. */
  says: string | undefined
  /** Verdicts on it. */
  verdicts: number
  agreeing: readonly number[]
}

/** The right result of any unit. */
export const right = 'right'
