import { encode } from '../bytes/bytes.ts'
import { factSchema } from '../fact/fact.ts'
import { type ChainId, type Digest, digest, digestText } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bytes, constant, int } from '../schema/scalar.ts'
import { headBytes, type Infer, type Schema } from '../schema/schema.ts'
import { sized } from '../schema/sized.ts'
import { struct } from '../schema/struct.ts'
import { leafHash } from '../signed/merkle.ts'
import { time } from '../time.ts'

const headFields = {
  v: constant(1),
  chain: digest<ChainId>(),
  epoch: int({ min: 0, max: limits.epochMax }),
  seq: int({ min: 0, max: limits.entriesMax - 1, about: 'Its number in the chain, from 0.' }),
  prev: digest({ about: 'The hash of the entry before; zeros in the first.' }),
  time: time({ about: 'When the coordinator took it; never before the entry before.' }),
}

const facts = list(factSchema, { min: 1, max: limits.entryFactsMax })
const entry = struct({ ...headFields, facts })

/** What happened in one step of a coordinator. */
export type Entry = Infer<typeof entry>

/** The schema of an entry: as with a job, the whole has a bound of its own. */
export const entrySchema: Schema<Entry> = sized(entry, limits.entryBytesMax)

/** Facts as they are encoded, one after the other. */
const encodedFacts: Schema<readonly Uint8Array[]> = {
  ...list(bytes({ max: limits.entryBytesMax }), { min: 1, max: limits.entryFactsMax }),
  write(value, to) {
    to.head(4, value.length)
    for (const fact of value) to.raw(fact)
  },
}
const assembled = sized(struct({ ...headFields, facts: encodedFacts }), limits.entryBytesMax)

/** What an entry takes at most beside its facts. */
export const entryHeadBytesMax =
  struct({ ...headFields, facts: bytes({ max: 0 }) }).bytesMax + headBytes(limits.entryFactsMax)

/** The bytes of an entry whose facts were encoded before, each alone: those of \`encode\`. */
export function assembleEntry(
  head: Omit<Entry, 'facts'>,
  facts: readonly Uint8Array[],
): Uint8Array {
  return encode(assembled, { ...head, facts })
}

/** The hash of an entry: the link of the chain, and the leaf of its Merkle tree. */
export function entryHash(bytes: Uint8Array): Digest {
  return digestText(leafHash(bytes))
}

/** What the first entry has in the place of the hash of one before. */
export const noEntry = '0'.repeat(64) as Digest
