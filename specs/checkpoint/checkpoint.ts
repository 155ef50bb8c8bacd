import { type ChainId, type CoordinatorId, type Digest, digest, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bytes, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { type Document, idOf, type Signed, signedSchema } from '../signed/signed.ts'
import { time } from '../time.ts'

/** Where a chain stands: which, in which epoch, with how many entries. */
export const standFields = {
  chain: digest<ChainId>(),
  epoch: int({ min: 0, max: limits.epochMax }),
  size: int({ min: 1, max: limits.entriesMax, about: 'Entries in the chain.' }),
}

const checkpoint = struct({
  v: constant(1),
  ...standFields,
  coordinator: peerId<CoordinatorId>(),
  root: digest({ about: 'The root of the RFC 6962 tree over the entries.' }),
  head: digest({ about: 'The hash of the last entry.' }),
  state: digest({ about: 'The root of the state that the entries fold to.' }),
  time: time(),
})

/** A coordinator's statement of what its chain holds. */
export type Checkpoint = Infer<typeof checkpoint>

/** Signed by the coordinator of the epoch. */
export const checkpointDocument: Document<Checkpoint> = {
  domain: 'nexapod/checkpoint/1',
  schema: checkpoint,
  signers: ({ coordinator }) => [coordinator],
}

/** What a cosignature names: the digest of a checkpoint. */
export function checkpointId(signed: Signed<Checkpoint>): Digest {
  return idOf(checkpointDocument, signed.body)
}

const cosignature = struct({
  v: constant(1),
  ...standFields,
  checkpoint: digest({ about: 'The checkpoint that was seen, consistent with all before it.' }),
  witness: peerId<CoordinatorId>(),
  time: time(),
})

/** A witness's statement that it saw a checkpoint, and none that contradicts it. */
export type Cosignature = Infer<typeof cosignature>

/** Signed by the witness, which keeps the size on disk before it signs. */
export const cosignatureDocument: Document<Cosignature> = {
  domain: 'nexapod/cosignature/1',
  schema: cosignature,
  signers: ({ witness }) => [witness],
}

/**
 * The schema of the proof of a fork: two checkpoints of one size that say different things. Of
 * two sizes, the larger tree is shown to have another leaf where the smaller one has its head.
 */
export const forkSchema = struct({
  one: signedSchema(checkpointDocument),
  other: signedSchema(checkpointDocument),
  leaf: optional(
    struct({
      hash: digest({ about: 'In the larger tree, at the last index of the smaller one.' }),
      path: list(bytes({ size: 32 }), { max: limits.pathHashesMax }),
    }),
  ),
})

/** The proof that a coordinator signed two histories: whoever opens both needs no other witness. */
export type Fork = Infer<typeof forkSchema>
