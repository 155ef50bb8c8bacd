import type { PublisherId } from '@nexapod/specs'

/** What the operator of a coordinator decides about its queue. */
export interface Policy {
  /** The share of a publisher beside other publishers, or of one of its projects beside those. */
  weightOf(publisher: PublisherId, project?: string): number
  /** How far back it is remembered who was given much and who little. */
  readonly windowMs: number
  /** What is looked at for one ask, at most, in fair order; and as much again in any order. */
  readonly visitsMax: number
  /** A list is drawn from as if at least so many units waited in it, while there are fresh ones. */
  readonly openMin: number
  /** The tail of a job: so many of a thousand of its units, and no more than so many. */
  readonly tailPermille: number
  readonly tailUnitsMax: number
  /** How long a unit of a tail waits for a swift node. */
  readonly patienceMs: number
  /** By which part of its time a job with a deadline should have begun its last unit. */
  readonly pacePermille: number
}

/** What a coordinator does whose operator has decided nothing. */
export const usualPolicy: Policy = {
  weightOf: () => 1,
  // Long enough that a job which few nodes fit gets its share when they come, short enough that
  // nobody pays for yesterday.
  windowMs: 3_600_000,
  // Some tens of microseconds.
  visitsMax: 128,
  // A ring that steers who asks next gets the unit that it wants once in so many asks.
  openMin: 256,
  tailPermille: 50,
  // A swift node for each of them comes by in a moment, where there are many nodes.
  tailUnitsMax: 256,
  // Half of a lease: who waits longer for a faster node would have been faster without it.
  patienceMs: 30_000,
  // A unit may have to be leased a second time.
  pacePermille: 800,
}
