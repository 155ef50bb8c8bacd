import { Writer } from '../../ledger/test/chains.ts'
import {
  type Digest,
  type Document,
  type Entry,
  encode,
  entrySchema,
  type Fact,
  type JobId,
  limits,
  type Outcome,
  type PeerId,
  type Receipt,
  type ReceiptId,
  type Request,
  type ResultId,
  requestDocument,
  type Signed,
  sign,
} from '../../specs/index.ts'
import { Chance } from '../fuzz/chance.ts'
import type { Book, Governance, KnownJob } from './book.ts'
import { anyMesh, around, signerOf } from './cast.ts'
import type { Duel } from './duel.ts'
import { possible } from './spots.ts'

/** What might happen now: facts that go into one entry, or nothing if it cannot. */
export type Deed = (scene: Scene) => Fact[] | undefined

/** Deeds by their names, and how often each is tried. */
export type Deeds = Readonly<Record<string, readonly [Deed, number]>>

/** The key of who comes later, by its number. */
const laterKey = 6

/** Where a history is made: the chain so far, what only its makers know, and chance. */
export class Scene {
  readonly chance: Chance
  readonly #duel: Duel
  /** The chain that both read: its genesis, and its name. */
  readonly writer: Writer
  /** Other chains that credit comes from. */
  readonly elsewhere: readonly Writer[]
  /** Whether who writes it came into the mesh after its founding. */
  readonly isLater: boolean
  /** Whether its jobs are containers that are paid for by the time they take. */
  readonly metering: boolean
  /** Receipts that were sealed, and the outcomes behind results. */
  readonly receipts = new Map<ReceiptId, Signed<Receipt>>()
  readonly outcomes = new Map<ResultId, Outcome>()
  /** Seeds behind draws. */
  readonly seeds = new Map<Digest, Uint8Array>()
  /** Facts of entries that were taken. */
  readonly past: Fact[] = []
  /** Counters of requests in the entry that is being made. */
  readonly #asked = new Map<PeerId, number>()
  #supposed: Book | undefined
  /** Whether nothing slips for now. */
  careful = false
  /** The time and epoch of the entry that is being made. */
  now = 1_000_000
  epoch = 0

  constructor(seed: number, duel: Duel) {
    this.chance = new Chance(seed, 7)
    this.#duel = duel
    this.metering = this.chance.once(3)
    const members = this.chance.one([1, 1, 2, 3, 4, 7])
    this.isLater = members < laterKey && seed % 5 === 3
    this.writer = new Writer(anyMesh(this.chance, members, 0), this.isLater ? laterKey : 0)
    this.elsewhere = [1, 2].map((nonce) => {
      return new Writer(anyMesh(this.chance, members, nonce), this.chance.below(members))
    })
  }

  /** What is known of the entries that were taken. */
  get known(): Book {
    return this.#duel.checker.book
  }

  /** What is known, as it would be after the facts of the entry that is being made. */
  get book(): Book {
    return this.#supposed ?? this.known
  }

  /** The time of the last entry that was taken. */
  get last(): number {
    return this.known.time
  }

  /** Whether an entry was begun: a seal comes first, or not at all. */
  get begun(): boolean {
    return this.#supposed !== undefined
  }

  get governance(): Governance {
    const { governance } = this.book
    if (governance === undefined) throw new Error('nothing was founded yet')
    return governance
  }

  /** Whether the roster names who writes the chain. */
  get isNamed(): boolean {
    const { author, governance } = this.known
    return author !== undefined && governance?.members.includes(author) === true
  }

  get chain() {
    return this.writer.chain
  }

  /** Supposes that an entry begins with some facts, if they are right. */
  suppose(facts: readonly Fact[]): boolean {
    const bytes = possible(() => this.bytesOf(facts))
    const supposed = bytes === undefined ? undefined : this.#duel.checker.suppose(bytes)
    if (supposed === undefined || typeof supposed === 'string') return false
    this.#supposed = supposed
    return true
  }

  /** The bytes of an entry at the end of the chain, with what is to be wrong with it. */
  bytesOf(facts: readonly Fact[], wrong: Partial<Entry> = {}): Uint8Array {
    const { chain, epoch, now: time } = this
    const { head: prev, entries } = this.known
    const right: Entry = { v: 1, chain, epoch, seq: entries.length, prev, time, facts }
    return encode(entrySchema, { ...right, ...wrong })
  }

  /** Gives both readers an entry. */
  take(bytes: Uint8Array): string | undefined {
    return this.#duel.take(bytes)
  }

  /** Signs a document with the keys that must sign it. */
  signed<T>(document: Document<T>, value: NoInfer<T>): Signed<T> {
    return sign(document, value, ...document.signers(value).map(signerOf))
  }

  /** What somebody asks of this chain, at the edge of its time once in a while. */
  request(from: PeerId, act: Request['act']): Signed<Request> {
    const { chance, now, epoch, chain: to } = this
    const last = Math.max(this.book.counters.get(from) ?? 0, this.#asked.get(from) ?? 0)
    const counter = last + 1 + chance.below(3)
    this.#asked.set(from, counter)
    const edge = chance.below(12)
    let issued = Math.max(0, now - chance.below(1000))
    let expires = issued + 1000 + chance.below(limits.requestMsMax - 1000)
    if (edge === 0) {
      issued = now + limits.clockSkewMs + chance.below(3) - 1
      expires = issued + 1
    }
    if (edge === 1 && now > limits.clockSkewMs) {
      expires = now - limits.clockSkewMs + chance.below(3) - 1
      issued = expires - 1
    }
    const asked = { from, to, epoch, counter, issued, expires, act }
    return this.signed(requestDocument, { v: 1, ...asked })
  }

  /** What is right; once in a while one of those that are not. */
  slip<T>(right: T, ...wrong: readonly T[]): T {
    return !this.careful && this.chance.once(16) ? this.chance.one([right, ...wrong]) : right
  }

  /** Some bytes. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.chance.below(256))
  }

  /** A list in another order. */
  shuffled<T>(of: readonly T[]): T[] {
    const rest = [...of]
    const out: T[] = []
    while (rest.length > 0) out.push(...rest.splice(this.chance.below(rest.length), 1))
    return out
  }

  /** A job that did not end, such as is wanted, or once in a while any. */
  anyJob(wanted: (job: KnownJob, id: JobId) => boolean): [JobId, KnownJob] | undefined {
    const all = [...this.book.jobs]
    const right = all.filter(([id, job]) => job.ended === undefined && wanted(job, id))
    return this.chance.any(this.chance.once(30) ? all : right)
  }

  /** Chooses when the next entry is: soon, or just about when something is due. */
  turn(): void {
    this.#supposed = undefined
    const { chance, book } = this
    const ends = [...book.delegations.values()].map(({ expires }) => expires)
    this.now = book.time + chance.below(300)
    const end = chance.once(6) ? chance.any(ends) : undefined
    if (end !== undefined) this.wait(end)
    this.epoch = book.epoch
    this.#asked.clear()
  }

  /** Lets the entry be just about an instant, if nothing of it was made yet. */
  wait(instant: number): void {
    const time = instant + this.chance.below(3) - 1
    if (!this.begun && time >= this.book.time && time < limits.delegationMsMax) this.now = time
  }

  /** An instant about now. */
  about(): number {
    return around(this.chance, this.now)
  }
}
