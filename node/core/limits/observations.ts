import type { Cid, NodeId, Offer } from '@nexapod/specs'
import type { days } from './limits.ts'

/** What a machine is: what could be lent if nothing stood against it. */
export interface Machine {
  readonly node: NodeId
  readonly tier: Offer['tier']
  readonly platform: Offer['platform']
  readonly country?: NonNullable<Offer['country']>
  readonly cores: number
  readonly gpus: Offer['gpus']
  /** Measured with all of a core, and what isolates containers. */
  readonly executors: Offer['executors']
}

/**
 * How a machine is found at a moment. What the system does not tell is left out, and counts as the
 * case in which less is lent.
 */
export interface Observations {
  /** By the machine's own clock, as its owner reads it. */
  readonly clock: { readonly day: (typeof days)[number]; readonly minute: number }
  /** For how long nobody has touched it. */
  readonly idleMs?: number
  /** `mains` also for what has no battery. */
  readonly power?: 'mains' | 'battery'
  readonly batteryPercent?: number
  readonly metered?: boolean
  readonly celsius?: number
  /** Those of the owner's list that run. */
  readonly programs?: readonly string[]
  readonly ramBytesFree?: number
  readonly diskBytesFree?: number
  /** Since midnight, by the machine's own clock. */
  readonly transferred: { readonly downBytes: number; readonly upBytes: number }
  /** Content that is there already and that others may know of. */
  readonly has: readonly Cid[]
}
