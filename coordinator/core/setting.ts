import {
  type Change,
  type Fact,
  type Job,
  limits,
  type Opening,
  type PublisherId,
  type ResultId,
  type Signed,
  type Signer,
} from '@nexapod/specs'
import { type Policy, usualPolicy } from './queue/policy.ts'

/** What the operator of a coordinator decides. */
export interface Rules {
  readonly queue: Policy
  /** Publishers whose jobs are taken; none means all. */
  readonly publishers: ReadonlySet<PublisherId>
  /** Publishers whose jobs are not. */
  readonly denied: ReadonlySet<PublisherId>
  /** Jobs of one publisher that have not ended, at most. */
  readonly jobsMax: number
  /** Units of those jobs that are undecided, at most. */
  readonly unitsMax: number
  /** Whether a job needs a budget. */
  readonly fundedOnly: boolean
}

/** What holds where the operator has decided nothing: anybody may publish, as much as is usual. */
export const usualRules: Rules = {
  queue: usualPolicy,
  publishers: new Set(),
  denied: new Set(),
  // As many as a person can keep in mind.
  jobsMax: 256,
  unitsMax: limits.sweepUnitsMax,
  fundedOnly: false,
}

/** What a coordinator is told when it begins. */
export interface Setting {
  readonly signer: Signer
  /** How signed documents are opened. */
  readonly open: Opening
  /** 32 bytes from a secure source, other ones with each start: all chance comes from them. */
  readonly secret: Uint8Array
  /** What the chain begins with where there is none yet, or its next epoch. */
  readonly first?: Fact & { readonly type: 'genesis' | 'seal' }
  /** Changes of roster and rates that are known beyond the last one of the chain, in order. */
  readonly changes?: readonly Change[]
  /**
   * Whether it is not known yet what others have seen of the chain: where a quorum is more than
   * this one, nothing is promised before one has cosigned what is here.
   */
  readonly unasked?: boolean
  readonly rules: Rules
  /** A job of the mesh's own that new nodes are tried with, if there is one. */
  readonly probes?: Probes
}

/** A job whose results are known. */
export interface Probes {
  readonly job: Signed<Job>
  /** What a unit of it gives. */
  result(unit: number): ResultId
}
