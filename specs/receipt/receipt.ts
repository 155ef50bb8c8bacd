import {
  type ChainId,
  type CoordinatorId,
  digest,
  type NodeId,
  peerId,
  type ReceiptId,
  type ResultId,
} from '../id/id.ts'
import { executionFields } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bytes, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { type Document, idOfSigned, type Signed } from '../signed/signed.ts'
import { time } from '../time.ts'

const receipt = struct({
  v: constant(1),
  chain: digest<ChainId>(),
  ...executionFields,
  node: peerId<NodeId>(),
  result: digest<ResultId>(),
  salt: bytes({ size: 32, about: 'From a secure source: with it the digest tells nothing.' }),
  issued: time(),
})

/** A node's statement of a result. */
export type Receipt = Infer<typeof receipt>

/** Signed by the node. */
export const receiptDocument: Document<Receipt> = {
  domain: 'nexapod/receipt/1',
  schema: receipt,
  signers: ({ node }) => [node],
}

/** What the chain shows of a receipt before the verdict: salted, so it gives nothing away. */
export function receiptId(signed: Signed<Receipt>): ReceiptId {
  return idOfSigned<ReceiptId, Receipt>(receiptDocument, signed)
}

const acknowledgement = struct({
  v: constant(1),
  chain: digest<ChainId>(),
  epoch: int({ min: 0, max: limits.epochMax }),
  coordinator: peerId<CoordinatorId>(),
  size: int({
    min: 1,
    max: limits.entriesMax,
    about: 'Entries on disk, these receipts among them.',
  }),
  receipts: list(digest<ReceiptId>(), { min: 1, max: limits.perFrameMax }),
})

/** A coordinator's statement that receipts are on disk. */
export type Acknowledgement = Infer<typeof acknowledgement>

/** Signed by the coordinator: with it in hand a node need not send the receipt again. */
export const acknowledgementDocument: Document<Acknowledgement> = {
  domain: 'nexapod/acknowledgement/1',
  schema: acknowledgement,
  signers: ({ coordinator }) => [coordinator],
}
