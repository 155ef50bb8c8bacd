import { KiB, MiB } from '../measure.ts'

/** The bounds of data: what is stored, served and fetched, and by how many at once. */
export const dataLimits = {
  /** A chunk of a file: of every file, so that the same bytes have the same CID. */
  chunkBytes: MiB,
  /** Chunks, or nodes over chunks, below one node of a file. */
  fileLinksMax: 1024,
  /** A directory in one block; a larger one is cut into shards. */
  directoryBytesMax: 256 * KiB,
  /** Places of a shard: a byte of the hash of a name at each level. */
  shardLinksMax: 256,
  /** One block: what bitswap carries at most. It is held in memory until its hash is checked. */
  blockBytesMax: 2 * MiB,
  /** Links of one block: each takes at least 32 bytes of it. */
  blockLinksMax: 64 * 1024,
  /** Blocks from a root down to a chunk: names of a path, the shards and nodes between them. */
  dagDepthMax: 128,
  /** Blocks below one root: files of a directory, or chunks of a TiB. */
  dagBlocksMax: 1024 * 1024,
  /** Blocks that are wanted at once: a second's worth on a home line, so that another can help. */
  wantBlocksMax: 16,
  /** Roots that are asked for in one message: the results of a frame. */
  wantRootsMax: 64,
  /** Wants on a stream that are not answered yet: one is on its way, one waits behind it. */
  wantsMax: 2,
  /** Streams on which data is served: each holds two blocks; memory of 16 is kept. */
  dataStreamsMax: 32,
  /** The same to one peer: one to fetch on, and one while the other is ending. */
  dataStreamsPerPeerMax: 2,
  /** The same to one network, however many keys it has: others find room beside it. */
  dataStreamsPerNetworkMax: 16,
  /** Providers that are asked for one root: more lines than one machine can fill. */
  providersMax: 16,
  /** Roots of one pin: those of a unit's inputs or outputs, whole and as they are compared. */
  pinRootsMax: 128,
  /** The name of a pin: what the consumer calls an execution. */
  pinNameBytesMax: 256,
  /** Blocks that a sealed pin carries, so that it alone is synced: most outputs are small. */
  pinnedBlocksMax: 8,
  /** The bytes of those: with more of them, their files are synced. */
  pinnedBytesMax: 4 * KiB,
} as const
