import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  cosignatureDocument,
  type Digest,
  decode,
  digestBytes,
  digestText,
  encode,
  keyOf,
  limits,
  noEntry,
  open,
  type Refusal,
  refuse,
  type Signed,
  type Signer,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { Damage } from './damage.ts'
import { indexed } from './examine.ts'
import { equal, getUint, joined, keptKey, numberKey, putUint } from './row.ts'
import type { Tip } from './tip.ts'
import type { KeptChange, Writes } from './writes.ts'

/** What somebody has seen of a chain. An opened checkpoint is one. */
export interface Seen {
  readonly epoch: number
  readonly size: number
  readonly head: Digest
  readonly root: Digest
}

/** Where this chain's own row is kept: it is there before the chain has a name. */
const own = noEntry as Digest as ChainId

const checkpointSchema = signedSchema(checkpointDocument)
const cosignatureSchema = signedSchema(cosignatureDocument)

/** What the gate stands on. */
export interface Ground {
  readonly writes: Writes
  /** A kept row, checked. */
  readonly row: (key: Uint8Array) => Promise<Uint8Array | undefined>
  /** The hash of the last entry at a size. */
  readonly headAt: (size: number) => Promise<Uint8Array>
  /** Turns damage into its refusal. */
  readonly guarded: <T>(act: () => Promise<Answer<T>>) => Promise<Answer<T>>
}

/**
 * The gate before the coordinator's signature. It opens when the witnesses were asked, and signs
 * nothing below what any of them has seen: a restored backup finds out here, before it does harm.
 */
export class Gate {
  readonly #ground: Ground
  #asked = false
  #before: Promise<unknown> = Promise.resolve()

  constructor(ground: Ground) {
    this.#ground = ground
  }

  /**
   * Takes what the witnesses have seen of this chain: checkpoints that the caller opened, and that
   * were signed by the coordinator of their epoch. After each start it is called once before
   * anything is signed, by a mesh of one coordinator with an empty list.
   */
  witnessed(all: readonly Seen[]): Promise<Answer<Tip>> {
    const { writes } = this.#ground
    return this.#alone(async () => {
      const { tip } = writes
      // Who has signed nothing has no history of its own yet: it has lost the one that was seen.
      const hasSigned = (await this.#latest()) !== undefined
      for (const seen of all) {
        if (!hasSigned || seen.size > tip.size || (await this.#agrees(seen))) continue
        // It is known from then on: what is here is another history, whoever is asked.
        const kept = await writes.write([ownSeenRow(seen)])
        if (!kept.ok) return kept
        return refuse('ledger.forked', { detail: `a witness has another head at ${seen.size}` })
      }
      const before = await this.#most()
      const most = all.reduce((a, b) => (a && a.size >= b.size ? a : b), before)
      const answer = most === before || most === undefined
      const written = answer ? accept(tip) : await writes.write([ownSeenRow(most)])
      if (written.ok) this.#asked = true
      return written
    })
  }

  /** What this witness has seen of another chain. */
  seen(chain: ChainId): Promise<Answer<Seen | undefined>> {
    const { row, guarded } = this.#ground
    return guarded(async () => {
      const found = await row(seenKey(chain))
      return accept(found && readSeen(found))
    })
  }

  /** Keeps what this witness has seen of another chain, before it says so; never less than that. */
  see(chain: ChainId, seen: Seen): Promise<Answer<Tip>> {
    return this.#alone(async () => {
      const known = await this.seen(chain)
      if (!known.ok) return known
      const before = known.value
      if (before && (seen.size < before.size || seen.epoch < before.epoch)) {
        const detail = `${seen.size}, where ${before.size} was seen`
        return refuse('chain.checkpoint', { detail })
      }
      if (before && seen.size === before.size && seen.head !== before.head) {
        return refuse('ledger.forked', { detail: `two heads at ${seen.size}` })
      }
      return await this.#ground.writes.write([seenRow(chain, seen)])
    })
  }

  /**
   * An epoch of another chain was sealed: what was seen of it counts no more, since some of it may
   * have been cut off, and nothing of that epoch is seen again.
   */
  sealed(chain: ChainId, epoch: number): Promise<Answer<Tip>> {
    return this.#alone(async () => {
      const known = await this.seen(chain)
      if (!known.ok) return known
      if (known.value !== undefined && known.value.epoch > epoch)
        return accept(this.#ground.writes.tip)
      const none = { epoch: epoch + 1, size: 0, head: noEntry as Digest, root: noEntry as Digest }
      return await this.#ground.writes.write([seenRow(chain, none)])
    })
  }

  /**
   * The signed checkpoint of all that is on the disk. The same is given again where this size was
   * signed before; a word against it is never signed.
   */
  checkpoint(
    signer: Signer,
    { state, time }: { readonly state: Digest; readonly time: number },
  ): Promise<Answer<Signed<Checkpoint>>> {
    const { writes } = this.#ground
    return this.#alone(async () => {
      const { tip, stopped } = writes
      const closed = stopped ?? (await this.#closed(tip))
      if (closed) return { ok: false, refusal: closed }
      const before = await this.#latest()
      const last = before && open(checkpointDocument, before)
      if (last && !last.ok) throw new Damage('checkpoint', 'its signature is false')
      if (before && last && last.value.size >= tip.size) {
        const { size, head, root, epoch } = last.value
        const same = size === tip.size && head === tip.head && root === tip.root
        if (same && last.value.state === state && epoch === tip.epoch) return accept(before)
        return refuse('ledger.forked', { detail: `size ${size} was signed with another history` })
      }
      const { chain, epoch, size, head, root } = tip
      const coordinator = signer.id as CoordinatorId
      const signed = sign(
        checkpointDocument,
        { v: 1, chain, epoch, size, coordinator, root, head, state, time },
        signer,
      )
      const key = keptKey('checkpoint', numberKey(size))
      const value = encode(checkpointSchema, signed)
      const written = await writes.write([{ key, value }, ...this.#outdated()])
      return written.ok ? accept(signed) : written
    })
  }

  /** The most that a witness has seen of this chain, if that is not here. */
  behind(): Promise<Answer<Seen | undefined>> {
    return this.#ground.guarded(async () => {
      const seen = await this.#most()
      const { tip } = this.#ground.writes
      if (seen === undefined) return accept(undefined)
      const isMore = seen.size > tip.size || seen.epoch > tip.epoch
      return accept(isMore || !(await this.#agrees(seen)) ? seen : undefined)
    })
  }

  /** The last checkpoint that was signed here. */
  latest(): Promise<Answer<Signed<Checkpoint> | undefined>> {
    return this.#ground.guarded(async () => accept(await this.#latest()))
  }

  /** Keeps a witness's word for a checkpoint of a size. */
  async cosigned(cosignature: Signed<Cosignature>): Promise<Answer<Tip>> {
    const { writes, guarded } = this.#ground
    const opened = open(cosignatureDocument, cosignature)
    if (!opened.ok) return opened
    const { size, witness, chain } = opened.value
    const known = writes.kept.has(indexed(keptKey('checkpoint', numberKey(size))))
    if (chain !== writes.tip.chain || !known) {
      return refuse('chain.checkpoint', { detail: `no checkpoint of ${size} was signed here` })
    }
    const key = keptKey('cosignature', numberKey(size), keyOf(witness) as Uint8Array)
    const value = encode(cosignatureSchema, cosignature)
    return await guarded(() => writes.write([{ key, value }]))
  }

  /** The cosignatures that are kept under the checkpoint of a size. */
  cosignatures(size: number): Promise<Answer<Signed<Cosignature>[]>> {
    const { row, guarded } = this.#ground
    return guarded(async () => {
      const start = indexed(keptKey('cosignature', numberKey(size)))
      const found: Signed<Cosignature>[] = []
      for (const key of this.#keysOf('cosignature')) {
        const bytes = indexed(key).startsWith(start) ? await row(key) : undefined
        if (bytes) found.push(decoded(cosignatureSchema, bytes))
      }
      return accept(found)
    })
  }

  /** One after the other: between a look at what was said and the next word nothing may come. */
  #alone<T>(act: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const { guarded } = this.#ground
    const turn = () => guarded(act)
    const answer = this.#before.then(turn, turn)
    this.#before = answer
    return answer
  }

  async #latest(): Promise<Signed<Checkpoint> | undefined> {
    const key = this.#keysOf('checkpoint').at(-1)
    const row = key && (await this.#ground.row(key))
    return row && decoded(checkpointSchema, row)
  }

  async #most(): Promise<Seen | undefined> {
    const row = await this.#ground.row(seenKey(own))
    return row && readSeen(row)
  }

  async #closed(tip: Tip): Promise<Refusal | undefined> {
    if (!this.#asked) return refuse('ledger.unasked').refusal
    if (tip.size === 0) return refuse('ledger.unknown', { detail: 'no entry yet' }).refusal
    const seen = await this.#most()
    if (seen === undefined) return undefined
    if (seen.size > tip.size || seen.epoch > tip.epoch) {
      const detail = `${seen.size} entries in epoch ${seen.epoch} were seen, ${tip.size} are here`
      return refuse('ledger.behind', { detail }).refusal
    }
    if (await this.#agrees(seen)) return undefined
    return refuse('ledger.forked', { detail: `a witness has another head at ${seen.size}` }).refusal
  }

  async #agrees({ size, head }: Seen): Promise<boolean> {
    return equal(await this.#ground.headAt(size), digestBytes(head))
  }

  /** What goes with a further checkpoint, so that no more are kept than are of use. */
  #outdated(): KeptChange[] {
    const sizes = this.#keysOf('checkpoint')
    const gone = sizes.slice(0, Math.max(0, sizes.length + 1 - limits.checkpointsKeptMax))
    const last = gone.at(-1)
    if (last === undefined) return []
    const below = getUint(last, 2)
    const under = this.#keysOf('cosignature').filter((key) => getUint(key, 2) <= below)
    return [...gone, ...under].map((key) => ({ key }))
  }

  #keysOf(kind: 'checkpoint' | 'cosignature'): Uint8Array[] {
    const start = indexed(keptKey(kind))
    const keys = [...this.#ground.writes.kept.keys()].filter((key) => key.startsWith(start))
    return keys.sort().map((key) => new Uint8Array(Buffer.from(key, 'latin1')))
  }
}

/** The row that says what was seen of a chain. */
function seenRow(chain: ChainId, { epoch, size, head, root }: Seen): KeptChange {
  const numbers = new Uint8Array(16)
  putUint(numbers, 0, epoch)
  putUint(numbers, 8, size)
  return { key: seenKey(chain), value: joined(numbers, digestBytes(head), digestBytes(root)) }
}

/** What such a row says. */
function readSeen(row: Uint8Array): Seen {
  return {
    epoch: getUint(row, 0),
    size: getUint(row, 8),
    head: digestText(row.subarray(16, 48)),
    root: digestText(row.subarray(48, 80)),
  }
}

/** The row that says what witnesses have seen of this chain. */
export function ownSeenRow(seen: Seen): KeptChange {
  return seenRow(own, seen)
}

/** What a kept row says that witnesses have seen of this chain, if it is that row. */
export function ownSeen(key: Uint8Array, row: Uint8Array): Seen | undefined {
  return equal(key, seenKey(own)) ? readSeen(row) : undefined
}

function seenKey(chain: ChainId): Uint8Array {
  return keptKey('seen', digestBytes(chain))
}

function decoded<T>(schema: Parameters<typeof decode<T>>[0], row: Uint8Array): T {
  const answer = decode(schema, row)
  if (!answer.ok) throw new Error(`a row that was written as it is: ${answer.refusal.code}`)
  return answer.value
}
