import {
  type Answer,
  accept,
  type FromNode,
  type Job,
  type Lease,
  type Outcome,
  type Receipt,
  receiptDocument,
  refuse,
  resultId,
} from '@nexapod/specs'
import type { JobBook, Kind } from './book.ts'
import type { State } from './state.ts'

/** A result as a node brings it. */
export type Delivery = FromNode & { readonly type: 'deliver' }

/** What a receipt says, if it is what its lease asked for, and says what its manifest shows. */
export function checkReceipt(
  { setting }: State,
  { kind, job }: JobBook,
  { receipt, manifest }: Delivery,
  lease: Lease,
): Answer<Receipt> {
  const opened = setting.open(receiptDocument, receipt)
  if (!opened.ok) return opened
  const says = opened.value
  const isOfLease =
    says.chain === lease.chain &&
    says.job === lease.job &&
    says.unit === lease.unit &&
    says.slot === lease.slot &&
    says.epoch === lease.epoch &&
    says.fence === lease.fence &&
    says.node === lease.node
  if (!isOfLease) return refuse('receipt.mismatch', { detail: 'it is of another lease' })
  const { outcome } = manifest
  const isOfUnit = outcome.job === lease.job && outcome.unit === lease.unit
  if (!isOfUnit || resultId(outcome) !== says.result) {
    return refuse('receipt.mismatch', { detail: 'the manifest gives another result' })
  }
  if (isCounted(outcome, kind, job)) return accept(says)
  return refuse('receipt.mismatch', { detail: 'no unit of the job counts such fuel' })
}

/** Fuel is counted of modules, and of them alone; nobody burns more than the job allows. */
function isCounted({ fuel }: Outcome, kind: Kind, { resources }: Job): boolean {
  return kind === 'wasm' ? fuel !== undefined && fuel <= resources.fuel : fuel === undefined
}
