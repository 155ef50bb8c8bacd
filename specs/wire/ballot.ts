import { checkpointDocument, cosignatureDocument } from '../checkpoint/checkpoint.ts'
import { cutSchema, sealDocument } from '../fact/seal.ts'
import { type ChainId, type CoordinatorId, digest, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bytes, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { signedSchema } from '../signed/signed.ts'

const number = int({ min: 1, max: limits.entriesMax, about: 'Of several, the higher one counts.' })

const size = int({ min: 0, max: limits.entriesMax })

/** The schema of a ballot: a number, and whose. */
export const ballotSchema = struct({ number, by: peerId<CoordinatorId>() })

/** An attempt to end an epoch. Of one number, that of the higher key is the higher one. */
export type Ballot = Infer<typeof ballotSchema>

/** The schema of what a member has promised about the end of an epoch. */
export const pledgeSchema = struct({
  /** It takes nothing from a lower one. */
  ballot: ballotSchema,
  /** The last cut that it took. */
  took: optional(struct({ ballot: ballotSchema, cut: cutSchema })),
  /** Where the cuts lie that it took: it cosigns nothing beyond the least, until a quorum has. */
  bounds: optional(list(size, { min: 1, max: limits.cutsMax })),
  /** If there were more of them: none of them is over before a quorum has cosigned beyond this. */
  until: optional(size),
})

/** What a member has promised about the end of an epoch. */
export type Pledge = Infer<typeof pledgeSchema>

/** Which epoch of which chain. */
const epochFields = {
  chain: digest<ChainId>(),
  epoch: int({ min: 0, max: limits.epochMax }),
}

/** What members of a roster ask each other to end an epoch. */
export const sealQuestions = {
  /** Help to end this epoch, in a ballot of whoever asks; with a cut: take it. */
  promise: { ...epochFields, ballot: number, cut: optional(cutSchema) },
  /** Sign this seal. It says what you took in this ballot. */
  seal: { ballot: number, seal: sealDocument.schema },
  /** Which seal ended this epoch, or what have you promised about its end? */
  sealed: epochFields,
}

/** What they answer. */
export const sealAnswers = {
  /** What holds now: if it is another ballot, the one that was asked for came too late. */
  promised: {
    pledge: optional(pledgeSchema),
    /** The last checkpoint of this epoch that was found true. */
    stand: optional(
      struct({
        checkpoint: signedSchema(checkpointDocument),
        cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
      }),
    ),
    /** How much of that history it has cosigned itself. */
    cosigned: optional(int({ min: 1, max: limits.entriesMax })),
  },
  /** The signature of the member who was asked. */
  signature: { signature: bytes({ size: 64 }) },
  /** It is over: a quorum has signed this. */
  sealed: { seal: signedSchema(sealDocument, limits.rosterMax) },
}
