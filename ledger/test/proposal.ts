import type {
  Account,
  Fact,
  Job,
  JobId,
  OwnerId,
  Purpose,
  Receipt,
  Signed,
  Signer,
} from '@nexapod/specs'

/** Facts that make a right entry, perhaps at a later time, and what is known when it is taken. */
export interface Proposal {
  readonly facts: readonly Fact[]
  /** Whether the same with something else in it may be right too. */
  readonly free?: boolean
  readonly time?: number
  readonly taken?: () => void
}

/** An execution of a unit, with its receipt. */
export interface Run {
  readonly node: Signer
  readonly slot: number
  readonly epoch: number
  readonly fence: number
  readonly flavour: number
  readonly signed: Signed<Receipt>
}

/** What tells one lease of a unit from another. */
export type Lease = Pick<Run, 'slot' | 'epoch' | 'fence'>

/** A unit as its coordinator knows it. */
export interface Unit {
  readonly number: number
  /** Those that wait for a verdict. */
  runs: Run[]
  /** Those that verdicts opened. */
  votes: readonly Vote[]
  readonly metered: (Lease & { next: number })[]
  decided?: { at: number; closing: boolean }
}

/** An execution that a verdict opened. */
export interface Vote extends Run {
  readonly owner: OwnerId
  readonly referee: boolean
  readonly wins: boolean
}

/** What was earned or metered and is held. */
export interface Unsettled {
  readonly purpose: Purpose
  readonly lease: Lease | undefined
  readonly unit: Unit
  readonly slot: number
  readonly micro: number
}

/** What a newcomer earned, which waits until it has shown itself. */
export interface Kept {
  readonly purpose: Purpose
  readonly from: Account
  readonly owner: OwnerId
  readonly micro: number
}

/** A job as its coordinator knows it. */
export interface Work {
  readonly id: JobId
  readonly job: Job
  readonly publisher: Signer
  readonly kind: 'wasm' | 'docker'
  readonly exact: boolean
  readonly microPerGigafuel: number
  readonly price: number
  readonly units: readonly Unit[]
  unsettled: Unsettled[]
  cancelled: boolean
  ended: boolean
}
