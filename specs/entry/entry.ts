import { encode } from '../bytes/bytes.ts'
import { Writer } from '../bytes/writer.ts'
import { type Fact, factSchema } from '../fact/fact.ts'
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

/** What an entry takes at most beside its facts. */
const headBytesMax =
  struct({ ...headFields, facts: bytes({ max: 0 }) }).bytesMax + headBytes(limits.entryFactsMax)

/** The facts of an entry that is being put together: each is encoded once, as it comes. */
export class EncodedFacts {
  readonly #writer = new Writer()
  #count = 0

  /** Forgets them, and keeps the room for others. */
  clear(): void {
    this.#writer.clear()
    this.#count = 0
  }

  /** Adds facts, if an entry has room for all of them. */
  add(facts: readonly Fact[]): boolean {
    const writer = this.#writer
    const { length } = writer
    const count = this.#count + facts.length
    if (count > limits.entryFactsMax) return false
    for (const fact of facts) factSchema.write(fact, writer)
    const fits = headBytesMax + writer.length <= limits.entryBytesMax
    if (fits) this.#count = count
    else writer.cut(length)
    return fits
  }

  /** The bytes of the entry that has this head and these facts: those of `encode`. */
  entry(head: Omit<Entry, 'facts'>): Uint8Array {
    return encode(assembled, { ...head, facts: this })
  }

  /** Writes them as the list that they are. */
  write(to: Writer): void {
    to.head(4, this.#count)
    to.all(this.#writer)
  }
}

const encodedFacts: Schema<unknown> = {
  ...facts,
  write: (some, to) => (some as EncodedFacts).write(to),
}
const assembled = struct({ ...headFields, facts: encodedFacts })

/** The hash of an entry: the link of the chain, and the leaf of its Merkle tree. */
export function entryHash(bytes: Uint8Array): Digest {
  return digestText(leafHash(bytes))
}

/** What the first entry has in the place of the hash of one before. */
export const noEntry = '0'.repeat(64) as Digest
