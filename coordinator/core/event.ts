import type { Reputation } from '@nexapod/ledger'
import type {
  ChainId,
  Change,
  Checkpoint,
  Cosignature,
  FromNode,
  JobId,
  NodeId,
  OwnerId,
  Question,
  Signed,
} from '@nexapod/specs'
import type { Kind } from './book.ts'

/** What every step is told: the core has no clock of its own. */
export interface Moment {
  /** On a clock that nobody sets and that never goes back; it may begin anew with the process. */
  readonly at: number
  /** By the clock on the wall: the time of entries, and of what is signed for people. */
  readonly time: number
}

/** What anybody asks a coordinator to do to its chain; the rest is read without the core. */
export type Deed = Extract<
  Question,
  { type: 'publish' | 'act' | 'delegate' | 'revoke' | 'order' | 'claim' | 'amend' | 'job' }
>

/** What another chain says of a node, with each kind of executor. */
export type Elsewhere = { readonly [K in Kind]: Reputation }

/** The last epoch of another chain of which a fork is known, or a seal. */
export interface Over {
  readonly chain: ChainId
  readonly epoch: number
  readonly why: 'ledger.forked' | 'ledger.sealed'
}

/** Something that happened to a coordinator; core.md says what each means. */
export type Event =
  | { readonly type: 'tick' }
  | {
      readonly type: 'opened'
      readonly stream: number
      readonly node: NodeId
      /** The /24 or /48 that it comes from, as text. */
      readonly network: string
      /** What other chains of the roster say of it; nothing, where none is known. */
      readonly elsewhere?: readonly Elsewhere[]
    }
  /** Owners whom another chain of the roster has banned. */
  | { readonly type: 'banned'; readonly owners: readonly OwnerId[] }
  /** Of this epoch of another chain, and of those before, nothing is claimed any more. */
  | ({ readonly type: 'over' } & Over)
  | { readonly type: 'heard'; readonly stream: number; readonly messages: readonly FromNode[] }
  | { readonly type: 'closed'; readonly stream: number }
  | { readonly type: 'asked'; readonly call: number; readonly question: Deed }
  | {
      readonly type: 'cosigned'
      readonly checkpoint: Signed<Checkpoint>
      readonly cosignatures: readonly Signed<Cosignature>[]
      /** Entries below this are covered. */
      readonly size: number
    }
  | {
      readonly type: 'compared'
      readonly job: JobId
      readonly unit: number
      readonly slot: number
      /** The slot whose result it takes for the same; none if it is another. */
      readonly as?: number
      /** Whether it is none: the checker of the job denies it, or nobody could look at it. */
      readonly isRefused?: boolean
    }
  /** All changes of roster and rates that are known beyond the last one of the chain, in order. */
  | { readonly type: 'amended'; readonly changes: readonly Change[] }
  | { readonly type: 'drain' }
