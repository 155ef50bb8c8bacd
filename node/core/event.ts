import type { Electorate } from '@nexapod/ledger'
import type {
  Beacon,
  Delegation,
  FromCoordinator,
  FromNode,
  Manifest,
  Signed,
} from '@nexapod/specs'
import type { Limits } from './limits/limits.ts'
import type { Observations } from './limits/observations.ts'

/** What every event brings: the core has no clock and no chance of its own. */
export interface Moment {
  /** On a clock that nobody sets and that never goes back; it may begin anew with the process. */
  readonly at: number
  /** By the clock on the wall, for people and for the age of beacons. */
  readonly time: number
  /** A drawn whole number from 0 to 2^32 - 1. */
  readonly draw: number
}

/** What the owner can say at any time. */
export type Order = 'pause' | 'resume' | 'finish' | 'stop'

/** Why a node will not finish a unit, as the wire says it. */
export type Why = Extract<FromNode, { type: 'abort' }>['why']

/**
 * How an execution ended: with a result, or because of what the machine did. What ran `beside`
 * others in its lane was ended with them, and nobody knows by which: it may run again, alone.
 */
export type Ended =
  | { readonly type: 'result'; readonly manifest: Manifest; readonly salt: Uint8Array }
  | { readonly type: 'failed'; readonly why: Exclude<Why, 'owner' | 'shutdown'> }
  | { readonly type: 'beside' }

/** Something that happened to a node; core.md says what each means. */
export type Event = Moment &
  (
    | { readonly type: 'tick' }
    | { readonly type: 'order'; readonly order: Order }
    | { readonly type: 'limits'; readonly limits: Limits }
    | { readonly type: 'observed'; readonly observations: Observations }
    | { readonly type: 'roster'; readonly roster: Electorate }
    | { readonly type: 'delegation'; readonly delegation: Signed<Delegation> }
    | { readonly type: 'beacon'; readonly beacon: Signed<Beacon> }
    | { readonly type: 'opened'; readonly stream: number }
    | {
        readonly type: 'heard'
        readonly stream: number
        readonly messages: readonly FromCoordinator[]
      }
    | { readonly type: 'closed'; readonly stream: number }
    | { readonly type: 'fetched'; readonly key: string; readonly there: boolean }
    | { readonly type: 'ran'; readonly key: string }
    | { readonly type: 'executed'; readonly key: string; readonly ended: Ended }
  )
