import { checkpointDocument, cosignatureDocument } from '../checkpoint/checkpoint.ts'
import { delegationDocument } from '../delegation/delegation.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { bytes, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { signedSchema } from '../signed/signed.ts'
import { accountSchema } from '../transfer/account.ts'

const path = list(bytes({ size: 32 }), {
  max: limits.pathHashesMax,
  about: 'The hashes from the leaf to the root, the lowest first.',
})
const place = int({ min: 0, max: limits.entriesMax - 1 })

/** The schema of a certificate: a file that proves what a ledger holds to somebody without it. */
export const certificateSchema = struct({
  v: constant(1),
  checkpoint: signedSchema(checkpointDocument),
  cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
  proves: oneOf({
    /** How much an account holds, at the state root. */
    balance: {
      account: accountSchema,
      micro: int({ min: -limits.microMax, max: limits.microMax }),
      place,
      capacity: int({ min: 1, max: limits.entriesMax, about: 'How many places the tree has.' }),
      path,
    },
    /** What happened in an entry, at the root of the chain. */
    entry: {
      seq: place,
      entry: bytes({ max: limits.entryBytesMax, about: 'As the chain has it.' }),
      path,
    },
  }),
  /** Whose a node is that earned in the entry. */
  delegation: optional(signedSchema(delegationDocument, 2)),
})

/** A file that proves what a ledger holds to somebody without it. */
export type Certificate = Infer<typeof certificateSchema>
