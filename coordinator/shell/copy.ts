import { isChange, Ledger, stateRoot, type Taken } from '@nexapod/ledger'
import { keepSnapshot, openStore, recover, type Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  type Change,
  type Checkpoint,
  checkpointDocument,
  checkpointId,
  type Digest,
  decode,
  encode,
  type MeshId,
  open,
  type Refusal,
  refusalOf,
  refuse,
  type Signed,
  signedSchema,
  type ToFollower,
} from '@nexapod/specs'
import { Feed, type Stood } from './feed.ts'

/** Checkpoints that were found true and may still be asked about. */
const foundMax = 64

const signedCheckpoint = signedSchema(checkpointDocument)
/** The row of the last checkpoint that was found true. */
const stoodKey = new TextEncoder().encode('stood')

/**
 * The chain of another coordinator as it is followed: every entry is learnt with every signature
 * looked at, and nothing is shown of it beyond a checkpoint that says what its entries come to.
 */
export class Copy implements AsyncDisposable {
  readonly chain: ChainId
  readonly feed: Feed
  readonly #store: Store
  readonly #ledger: Ledger
  /** Checkpoints that were found true, by their ids: after how many entries. */
  readonly #found = new Map<
    Digest,
    { readonly size: number; readonly signed: Signed<Checkpoint> }
  >()
  readonly #hear: (change: Change) => void
  #taken: Taken[] = []

  private constructor(
    chain: ChainId,
    store: Store,
    ledger: Ledger,
    hear: (change: Change) => void,
  ) {
    this.chain = chain
    this.feed = new Feed(store)
    this.#store = store
    this.#ledger = ledger
    this.#hear = hear
  }

  /** Opens what was followed before, or begins anew; changes of the roster are heard of. */
  static async open(
    directory: string,
    chain: ChainId,
    mesh: MeshId,
    hear: (change: Change) => void,
  ): Promise<Answer<Copy>> {
    const opened = await openStore({ directory, chain, mesh })
    if (!opened.ok) return opened
    const store = opened.value
    const known = await recover(store)
    if (!known.ok) {
      await store[Symbol.asyncDispose]()
      return known
    }
    const { chain: read, state } = known.value
    const { stand } = read
    // What comes from now on is another's: every signature in it is looked at.
    const ledger = new Ledger(open, stand && { stand, state })
    const copy = new Copy(chain, store, ledger, hear)
    const row = await store.given(stoodKey)
    const stood = row.ok && row.value ? decode(signedCheckpoint, row.value) : undefined
    if (stood?.ok) copy.#stand({ checkpoint: stood.value, cosignatures: [] })
    return accept(copy)
  }

  /** How many entries it has on its disk. */
  get size(): number {
    return this.#store.tip.size
  }

  /** Whether a checkpoint was found true here. */
  found(checkpoint: Signed<Checkpoint>): boolean {
    return this.#found.has(checkpointId(checkpoint))
  }

  /** Whether a later one was found true: what stood at this size then is not known any more. */
  passed(size: number): boolean {
    return (this.feed.stood?.size ?? 0) > size
  }

  /** The one of this size that was found true. */
  foundAt(size: number): Signed<Checkpoint> | undefined {
    return [...this.#found.values()].find((one) => one.size === size)?.signed
  }

  /** Takes what its coordinator sends: in order, and on the disk when this resolves. */
  async take(messages: readonly ToFollower[]): Promise<Refusal | undefined> {
    for (const message of messages) {
      if (message.type === 'entry') {
        const taken = this.#ledger.take(message.entry)
        if (!taken.ok) return taken.refusal
        this.#taken.push(taken.value)
        for (const fact of taken.value.entry.facts) if (isChange(fact)) this.#hear(fact)
      } else if (message.type === 'checkpoint') {
        const refusal = await this.#checked(message)
        if (refusal !== undefined) return refusal
      }
    }
    return await this.#write()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed.idle()
    if (this.#store.stopped === undefined) await keepSnapshot(this.#store, this.#ledger)
    await this.#store[Symbol.asyncDispose]()
  }

  async #write(): Promise<Refusal | undefined> {
    const taken = this.#taken
    this.#taken = []
    if (taken.length === 0) return undefined
    const { chain } = (taken[0] as Taken).entry
    if (chain !== this.chain) return refusalOf('chain.link', { detail: `the chain ${chain}` })
    const written = await this.#store.append(taken)
    return written.ok ? undefined : written.refusal
  }

  /** Whether a checkpoint says what the entries so far come to. */
  async #checked(stood: Omit<Stood, 'size'>): Promise<Refusal | undefined> {
    const written = await this.#write()
    if (written !== undefined) return written
    const checked = this.#ledger.chain.check(stood.checkpoint)
    if (!checked.ok) return checked.refusal
    if (checked.value.state !== stateRoot(this.#ledger.state)) {
      return refuse('chain.checkpoint', { detail: 'another state' }).refusal
    }
    const value = encode(signedCheckpoint, stood.checkpoint)
    const kept = await this.#store.give([{ key: stoodKey, value }])
    if (!kept.ok) return kept.refusal
    this.#stand(stood)
    return undefined
  }

  #stand(stood: Omit<Stood, 'size'>): void {
    const opened = open(checkpointDocument, stood.checkpoint)
    if (!opened.ok) return
    const { size } = opened.value
    const [oldest] = this.#found.keys()
    if (this.#found.size >= foundMax && oldest !== undefined) this.#found.delete(oldest)
    this.#found.set(checkpointId(stood.checkpoint), { size, signed: stood.checkpoint })
    this.feed.stand({ ...stood, size })
  }
}
