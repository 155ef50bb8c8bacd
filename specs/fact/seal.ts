import { standFields } from '../checkpoint/checkpoint.ts'
import { type CoordinatorId, digest, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { checkSigners } from '../mesh/mesh.ts'
import { list } from '../schema/list.ts'
import { constant } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import type { Document } from '../signed/signed.ts'
import { time } from '../time.ts'

const placeFields = {
  size: standFields.size,
  head: digest({ about: 'The hash of the last entry that counts.' }),
}

/** The schema of a place in a chain. */
export const placeSchema = struct(placeFields)

/** A place in a chain: of two histories, only one has it. */
export type Place = Infer<typeof placeSchema>

/** Where an epoch is cut, and who goes on: what two seals of one epoch must have in common. */
const cutFields = {
  ...placeFields,
  successor: peerId<CoordinatorId>({ about: 'Who goes on with the next epoch.' }),
}

/** The schema of a cut. */
export const cutSchema = struct(cutFields)

/** A place to cut a chain, and who goes on from there. */
export type Cut = Infer<typeof cutSchema>

const seal = where(
  struct({
    v: constant(1),
    ...standFields,
    ...cutFields,
    issued: time(),
    signers: list(peerId<CoordinatorId>(), { min: 1, max: limits.rosterMax }),
  }),
  checkSigners,
)

/** The end of an epoch: what of the chain counts, and who goes on. */
export type Seal = Infer<typeof seal>

/** Signed by a quorum of the roster; after it none of them cosigns that epoch beyond the size. */
export const sealDocument: Document<Seal> = {
  domain: 'nexapod/seal/1',
  schema: seal,
  signers: ({ signers }) => signers,
}
