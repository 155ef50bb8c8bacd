import type { Taken } from '@nexapod/ledger'
import type {
  AnswerMessage,
  FromCoordinator,
  Job,
  JobId,
  NodeId,
  Outcome,
  OwnerId,
  Refusal,
} from '@nexapod/specs'
import type { Named } from './row.ts'

/** What the shell is asked to do; core.md says what it has to hold to. */
export type Effect =
  | { readonly type: 'append'; readonly taken: readonly Taken[]; readonly rows: readonly Named[] }
  | {
      readonly type: 'send'
      readonly stream: number
      readonly messages: readonly FromCoordinator[]
    }
  | { readonly type: 'hangUp'; readonly stream: number; readonly refusal?: Refusal }
  | { readonly type: 'answer'; readonly call: number; readonly answer: AnswerMessage }
  | {
      readonly type: 'compare'
      readonly id: JobId
      readonly job: Job
      readonly unit: number
      readonly slot: number
      /** Who has its outputs. */
      readonly node: NodeId
      readonly outcome: Outcome
      /** One of each kind of result that there is so far, and whose results agree with it. */
      readonly with: readonly {
        readonly slot: number
        readonly nodes: readonly NodeId[]
        readonly outcome: Outcome
      }[]
    }
  | { readonly type: 'wake'; readonly at: number }
  | { readonly type: 'tell'; readonly news: News }

/** What the operator may want to know, as facts. */
export type News =
  | { readonly type: 'admitted'; readonly job: JobId }
  | { readonly type: 'ended'; readonly job: JobId; readonly as: 'final' | 'dead' | 'cancelled' }
  | {
      readonly type: 'decided'
      readonly job: JobId
      readonly unit: number
      readonly as: 'accepted' | 'poisoned' | 'expired' | 'cancelled' | 'split'
    }
  | { readonly type: 'reopened'; readonly job: JobId; readonly unit: number }
  | { readonly type: 'banned'; readonly owner: OwnerId }
  | { readonly type: 'struck'; readonly node: NodeId }
  | { readonly type: 'starved'; readonly job: JobId }
  | {
      readonly type: 'amended'
      readonly revision: number
      readonly members: number
      readonly quorum: number
    }
  /** The others go on without it, since this change. */
  | { readonly type: 'left'; readonly revision: number }
  | { readonly type: 'refused'; readonly node: NodeId; readonly refusal: Refusal }
