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
import { changeFields } from '../mesh/change.ts'
import { meshDocument } from '../mesh/mesh.ts'
import { platform, tier } from '../offer/offer.ts'
import { receiptDocument } from '../receipt/receipt.ts'
import { requestDocument } from '../request/request.ts'
import { outcomeSchema } from '../result/result.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import type { Place } from '../schema/place.ts'
import { bytes, choice, int } from '../schema/scalar.ts'
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

/** That credit left a chain: the entry it left in, and its proof. */
export const claimFields = {
  seq: int({ min: 0, max: limits.entriesMax - 1 }),
  entry: bytes({ max: limits.claimEntryBytesMax, about: 'With the transfer that departed.' }),
  path: list(bytes({ size: 32 }), { max: limits.pathHashesMax }),
  checkpoint: signedSchema(checkpointDocument),
  cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
}

/** Slots of a unit, ascending, each once. */
function slots(about: string, min = 0) {
  const some = list(executionFields.slot, { min, max: limits.slotsMax, about })
  return where(some, (slots, place) => {
    const ascend = slots.every((slot, i) => i === 0 || (slots[i - 1] as number) < slot)
    if (!ascend) place.fault('document.rule', 'slots ascend, each once')
  })
}

const anyFact = oneOf({
  /** The first fact of a chain: which mesh it serves, and who writes it. */
  genesis: genesisFields,
  ...changeFields,
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
        agreeing: slots('Whose receipts agree with the outcome.', 1),
        referees: slots('That were asked for after the unit would have been accepted.'),
        struck: slots('Whose nodes were wrong: a strike each.'),
        banned: slots('Whose nodes were wrong together: their owners are banned.'),
      },
      poisoned: {},
      expired: {},
      /** Two platforms differ, and no third can tell which is right. */
      split: {},
      cancelled: {},
    }),
    receipts: list(receipt, {
      max: limits.verdictReceiptsMax,
      about: 'Those that no verdict opened before.',
    }),
  },
  /** An accepted unit is open again: it takes receipts, and another verdict. */
  reopen: unitFields,
  transfer: {
    ...transferFields,
    request: optional(signedSchema(requestDocument)),
  },
  /** Leases may have fences below this; those below the last such fact are used up. */
  fences: { below: int({ min: 1, max: limits.fenceMax }) },
  /** What draws nodes from now on, as a digest; and what drew until now, for all to check. */
  draw: { next: digest(), shown: optional(bytes({ size: 32 })) },
  /** Credit that left another chain has arrived: the entry it left in, and its proof. */
  claim: claimFields,
  cancel: { request: signedSchema(requestDocument) },
  end: { job: digest<JobId>(), as: choice(['final', 'dead', 'cancelled']) },
  seal: { seal: signedSchema(sealDocument, limits.rosterMax) },
})

type AnyFact = Infer<typeof anyFact>

/** The schema of a fact. */
export const factSchema = where(anyFact, (fact, place) => {
  if (fact.type === 'transfer') checkMoved(fact, place)
})

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
