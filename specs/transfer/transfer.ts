import { digestOf, encode } from '../bytes/bytes.ts'
import {
  type ChainId,
  digest,
  digestText,
  type JobId,
  type NodeId,
  type OwnerId,
  peerId,
  type TransferId,
} from '../id/id.ts'
import { executionFields } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { oneOf } from '../schema/one-of.ts'
import { bytes, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import { accountSchema } from './account.ts'

const count = int({ min: 0, max: limits.entriesMax })

/** What a transfer is for. Two transfers for one thing cannot be: they would have one id. */
export const purposeSchema = oneOf(
  {
    earn: {
      job: executionFields.job,
      unit: executionFields.unit,
      slot: executionFields.slot,
      owner: peerId<OwnerId>(),
    },
    settle: { earned: digest<TransferId>() },
    void: { earned: digest<TransferId>() },
    fund: { job: digest<JobId>() },
    meter: { ...executionFields, interval: count },
    refund: { job: digest<JobId>() },
    bond: { node: peerId<NodeId>(), count },
    release: { bond: digest<TransferId>() },
    slash: { bond: digest<TransferId>() },
    depart: { owner: peerId<OwnerId>(), to: digest<ChainId>(), nonce: bytes({ size: 16 }) },
    arrive: { from: digest<ChainId>(), departed: digest<TransferId>() },
  },
  { about: 'What it pays for; its digest is the id of the transfer.' },
)

/** What a transfer is for. */
export type Purpose = Infer<typeof purposeSchema>

/** The fields of a transfer. */
export const transferFields = {
  purpose: purposeSchema,
  from: accountSchema,
  to: accountSchema,
  micro: int({ min: 1, max: limits.microMax, about: 'Micro-credits.' }),
}

/** The schema of a transfer. */
export const transferSchema = where(struct(transferFields), ({ from, to }, place) => {
  if (from === to) place.below('to').fault('document.rule', 'a transfer has two accounts')
})

/** Credit that moves from one account to another. */
export type Transfer = Infer<typeof transferSchema>

/** The id of a transfer: a pure function of what it is for. */
export function transferId(purpose: Purpose): TransferId {
  return digestText(digestOf('nexapod/transfer/1', encode(purposeSchema, purpose)))
}
