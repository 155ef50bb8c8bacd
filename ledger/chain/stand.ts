import {
  bytes,
  type ChainId,
  type CoordinatorId,
  digest,
  type Infer,
  int,
  limits,
  list,
  type MeshId,
  peerId,
  ratesSchema,
  rosterFields,
  struct,
} from '@nexapod/specs'

const governance = struct({
  mesh: digest<MeshId>(),
  ...rosterFields,
  rates: ratesSchema,
  /** How often it was changed, and the digest of the last change. */
  revision: int({ min: 0, max: limits.entriesMax }),
  prev: digest(),
})

/** Who may write, witness and decide in a mesh, and what work earns there. */
export type Governance = Infer<typeof governance>

/** The schema of a stand: what has to be kept to go on reading another day. */
export const standSchema = struct({
  chain: digest<ChainId>(),
  epoch: int({ min: 0, max: limits.epochMax }),
  /** Who writes this epoch. */
  coordinator: peerId<CoordinatorId>(),
  size: int({ min: 1, max: limits.entriesMax }),
  head: digest(),
  time: int({ min: 0, max: limits.timeMsMax }),
  /** The hashes that the tree of the entries goes on from. */
  peaks: list(bytes({ size: 32 }), { max: limits.pathHashesMax }),
  governance,
})

/** Where the reading of a chain stands: with it, it can go on later or elsewhere. */
export type Stand = Infer<typeof standSchema>
