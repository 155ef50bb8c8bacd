import type {
  ChainId,
  CoordinatorId,
  FromNode,
  Job,
  JobId,
  Order,
  OwnerId,
  Refusal,
  ResultId,
} from '@nexapod/specs'
import type { Why } from './event.ts'
import type { Reason } from './limits/reasons.ts'
import type { Named, RowName } from './row.ts'

/** What the shell is asked to do; core.md says what it has to hold to. */
export type Effect =
  | ({ readonly type: 'keep' } & Named)
  | { readonly type: 'forget'; readonly name: RowName }
  | { readonly type: 'dial'; readonly stream: number; readonly coordinator: CoordinatorId }
  /** Ask the coordinators who writes this chain now: what they answer is heard as a beacon. */
  | { readonly type: 'seek'; readonly chain: ChainId }
  | { readonly type: 'hangUp'; readonly stream: number; readonly refusal?: Refusal }
  | { readonly type: 'send'; readonly stream: number; readonly messages: readonly FromNode[] }
  | { readonly type: 'fetch'; readonly key: string; readonly job: Job; readonly unit: number }
  | {
      readonly type: 'execute'
      readonly key: string
      readonly id: JobId
      readonly job: Job
      readonly unit: number
      /** Those of one lane run one after the other, and use a core once. */
      readonly lane?: string
    }
  | { readonly type: 'freeze'; readonly key: string }
  | { readonly type: 'thaw'; readonly key: string }
  | { readonly type: 'kill'; readonly key: string }
  | { readonly type: 'pace'; readonly cpuPercent: number }
  | { readonly type: 'wake'; readonly at: number }
  | { readonly type: 'tell'; readonly news: News }
  | { readonly type: 'finished' }

/** How a lease ended without a receipt. */
export type Without = 'expired' | 'cancelled' | 'decided' | Why

/** What the owner may want to know, as facts. */
export type News =
  | { readonly type: 'welcomed'; readonly coordinator: CoordinatorId }
  | { readonly type: 'lost'; readonly coordinator: CoordinatorId; readonly refusal?: Refusal }
  | { readonly type: 'leased'; readonly key: string }
  | { readonly type: 'executing'; readonly key: string }
  | { readonly type: 'ended'; readonly key: string; readonly without: Without }
  | { readonly type: 'sealed'; readonly key: string; readonly result: ResultId }
  /** Who writes this epoch has a receipt on its disk. */
  | {
      readonly type: 'acknowledged'
      readonly key: string
      readonly coordinator: CoordinatorId
      readonly epoch: number
    }
  | { readonly type: 'decided'; readonly key: string }
  /** A coordinator refused the node, or one of its receipts, which is gone then if `dropped`. */
  | {
      readonly type: 'refusedBy'
      readonly coordinator: CoordinatorId
      readonly refusal: Refusal
      readonly dropped?: string
    }
  /** The node refused what a coordinator sent. */
  | {
      readonly type: 'refused'
      readonly coordinator: CoordinatorId
      readonly refusal: Refusal
      readonly key?: string
    }
  /** Its owner said something from afar; whether the limits let the node do it. */
  | {
      readonly type: 'ordered'
      readonly owner: OwnerId
      readonly order: Order['order']
      readonly isObeyed: boolean
    }
  /** A row of the disk that is not what was kept. */
  | { readonly type: 'damaged'; readonly name: string; readonly refusal: Refusal }
  /** Why nothing runs, from now on; no reason: something does. */
  | { readonly type: 'idle'; readonly reasons: readonly Reason[] }
