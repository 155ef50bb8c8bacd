import { digestOf, encode } from '../bytes/bytes.ts'
import { checkpointDocument, cosignatureDocument } from '../checkpoint/checkpoint.ts'
import { delegationDocument, revocationDocument } from '../delegation/delegation.ts'
import {
  type ChainId,
  type CoordinatorId,
  digest,
  digestText,
  type JobId,
  type NodeId,
  peerId,
  type ReceiptId,
} from '../id/id.ts'
import { jobDocument } from '../job/job.ts'
import { executionFields } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { meshDocument, rateCardDocument, rosterDocument } from '../mesh/mesh.ts'
import { platform, tier } from '../offer/offer.ts'
import { receiptDocument } from '../receipt/receipt.ts'
import { requestDocument } from '../request/request.ts'
import { outcomeSchema } from '../result/result.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import type { Place } from '../schema/place.ts'
import { bool, bytes, choice, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import { signedSchema } from '../signed/signed.ts'
import { checkTransfer, transferFields } from '../transfer/transfer.ts'
import { sealDocument } from './seal.ts'

const receipt = signedSchema(receiptDocument)

const genesisFields = {
  mesh: signedSchema(meshDocument, limits.rosterMax),
  coordinator: peerId<CoordinatorId>(),
  nonce: bytes({ size: 16 }),
}

const unitFields = { job: executionFields.job, unit: executionFields.unit }

const anyFact = oneOf({
  /** The first fact of a chain: which mesh it serves, and who writes it. */
  genesis: genesisFields,
  roster: { roster: signedSchema(rosterDocument, limits.rosterMax) },
  rates: { rates: signedSchema(rateCardDocument, limits.rosterMax) },
  node: { node: peerId<NodeId>(), tier, platform },
  delegation: { delegation: signedSchema(delegationDocument, 2) },
  revocation: { revocation: signedSchema(revocationDocument) },
  job: {
    job: signedSchema(jobDocument),
    priceMicro: optional(
      int({ min: 1, max: limits.microMax, about: 'Of a unit, where no fuel is counted.' }),
    ),
  },
  /** Of a receipt: whose it is stays hidden too, so that replicas cannot find each other. */
  receipt: {
    ...executionFields,
    sealed: digest<ReceiptId>({ about: 'The salted digest of the receipt.' }),
  },
  verdict: {
    ...unitFields,
    decided: oneOf({
      accepted: {
        outcome: outcomeSchema,
        agreeing: list(executionFields.slot, {
          min: 1,
          max: limits.slotsMax,
          about: 'The slots whose receipts agree with the outcome, ascending.',
        }),
      },
      poisoned: {},
      expired: {},
      cancelled: {},
    }),
    receipts: list(receipt, { max: limits.verdictReceiptsMax, about: 'All of them, opened.' }),
  },
  audit: {
    ...unitFields,
    receipt,
    agrees: bool({ about: 'Whether the referee found the accepted result.' }),
  },
  transfer: {
    ...transferFields,
    request: optional(signedSchema(requestDocument)),
  },
  /** Leases may have fences below this; those below the last such fact are used up. */
  fences: { below: int({ min: 1, max: limits.fenceMax }) },
  /** What draws nodes from now on, as a digest; and what drew until now, for all to check. */
  draw: { next: digest(), shown: optional(bytes({ size: 32 })) },
  /** Credit that left another chain has arrived: the entry it left in, and its proof. */
  claim: {
    seq: int({ min: 0, max: limits.entriesMax - 1 }),
    entry: bytes({ max: limits.claimEntryBytesMax, about: 'With the transfer that departed.' }),
    path: list(bytes({ size: 32 }), { max: limits.pathHashesMax }),
    checkpoint: signedSchema(checkpointDocument),
    cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
  },
  cancel: { request: signedSchema(requestDocument) },
  end: { job: digest<JobId>(), as: choice(['final', 'dead', 'cancelled']) },
  seal: { seal: signedSchema(sealDocument, limits.rosterMax) },
})

type AnyFact = Infer<typeof anyFact>

/** The schema of a fact. */
export const factSchema = where(anyFact, (fact, place) => {
  if (fact.type === 'verdict') checkVerdict(fact, place)
  if (fact.type === 'transfer') checkMoved(fact, place)
})

function checkVerdict({ decided }: AnyFact & { type: 'verdict' }, place: Place): void {
  if (decided.type !== 'accepted') return
  const { agreeing } = decided
  if (agreeing.every((slot, i) => i === 0 || (agreeing[i - 1] as number) < slot)) return
  place.below('decided').below('agreeing').fault('document.rule', 'slots ascend, each once')
}

function checkMoved(fact: AnyFact & { type: 'transfer' }, place: Place): void {
  checkTransfer(fact, place)
  const asked = fact.purpose.type === 'depart' || fact.purpose.type === 'bond'
  if (asked === (fact.request !== undefined)) return
  place.below('request').fault('document.rule', 'an owner asks to depart, and for a bond; no other')
}

/** Something that happened, and that everything else is derived from. */
export type Fact = Infer<typeof factSchema>

const genesisSchema = struct(genesisFields)

/** What a chain is called by: the digest of its genesis. */
export function chainId(genesis: Infer<typeof genesisSchema>): ChainId {
  return digestText(digestOf('nexapod/chain/1', encode(genesisSchema, genesis)))
}
