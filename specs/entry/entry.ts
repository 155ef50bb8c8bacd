import { factSchema } from '../fact/fact.ts'
import { type ChainId, type Digest, digest, digestText } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { constant, int } from '../schema/scalar.ts'
import type { Infer, Schema } from '../schema/schema.ts'
import { sized } from '../schema/sized.ts'
import { struct } from '../schema/struct.ts'
import { leafHash } from '../signed/merkle.ts'
import { time } from '../time.ts'

const entry = struct({
  v: constant(1),
  chain: digest<ChainId>(),
  epoch: int({ min: 0, max: limits.epochMax }),
  seq: int({ min: 0, max: limits.entriesMax - 1, about: 'Its number in the chain, from 0.' }),
  prev: digest({ about: 'The hash of the entry before; zeros in the first.' }),
  time: time({ about: 'When the coordinator took it; never before the entry before.' }),
  facts: list(factSchema, { min: 1, max: limits.entryFactsMax }),
})

/** What happened in one step of a coordinator. */
export type Entry = Infer<typeof entry>

/** The schema of an entry: as with a job, the whole has a bound of its own. */
export const entrySchema: Schema<Entry> = sized(entry, limits.entryBytesMax)

/** The hash of an entry: the link of the chain, and the leaf of its Merkle tree. */
export function entryHash(bytes: Uint8Array): Digest {
  return digestText(leafHash(bytes))
}

/** What the first entry has in the place of the hash of one before. */
export const noEntry = '0'.repeat(64) as Digest
