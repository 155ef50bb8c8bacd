import type { Store } from '@nexapod/ledger/store'
import type { Reading } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type Cosignature,
  entryHash,
  limits,
  type Place,
  type Refusal,
  refusalOf,
  refuse,
  type Signed,
  type ToFollower,
} from '@nexapod/specs'
import { News } from './news.ts'

/** A checkpoint, after how many entries, and who has cosigned it. */
export interface Stood {
  readonly size: number
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
}

/** An entry of a chain, in its bytes. */
export interface Numbered {
  readonly seq: number
  readonly entry: Uint8Array
}

/** How far a follower is, what has to be here for it to go on, and after how many cuts it was. */
interface Given {
  at: number
  place: Pick<Place, 'size'> & Partial<Place>
  cuts: number
}

/** Signed checkpoints of a chain that may still be asked about. */
const signedMax = 64

/** What is read of a chain, wherever its store is. */
export type Reads = Pick<Store, 'tip' | 'entry' | 'pages' | 'inclusion' | 'consistency'>

/** A chain on the disk, for whoever reads it while it grows. */
export class Feed<S extends Reads = Reads> {
  /** Rows beside the chain are written, or gone: what they are called by. */
  onRows: (names: readonly string[]) => void = () => {}
  readonly store: S
  #reads = 0
  #idle: (() => void)[] = []
  #stood: Stood | undefined
  #stoods = 0
  #cuts = 0
  #over: Refusal | undefined
  readonly #signed = new Map<number, Signed<Checkpoint>>()
  readonly #news = new News()
  #changing: Promise<void> | undefined

  constructor(store: S) {
    this.store = store
  }

  /** The last checkpoint that is known. */
  get stood(): Stood | undefined {
    return this.#stood
  }

  /** The checkpoint of a size, of the last ones that were signed or found true. */
  signedAt(size: number): Signed<Checkpoint> | undefined {
    return this.#signed.get(size)
  }

  /** How often something has changed: who looks at this before it reads misses nothing. */
  get change(): number {
    return this.#news.count
  }

  /** How often it may have been cut: who has read some before looks whether that still is so. */
  get cuts(): number {
    return this.#cuts
  }

  /** Why nothing more comes of it, if so. */
  get over(): Refusal | undefined {
    return this.#over
  }

  /** How many wait for the next change. */
  get waiting(): number {
    return this.#news.waiting
  }

  /** Reads something while the store is open. */
  async read<T>(act: () => Promise<T>): Promise<T> {
    while (this.#changing !== undefined) await this.#changing
    this.#reads++
    try {
      return await act()
    } finally {
      this.#reads--
      if (this.#reads === 0) for (const idle of this.#idle.splice(0)) idle()
    }
  }

  /** Resolves when nobody reads: then the store may be closed. */
  async idle(): Promise<void> {
    while (this.#reads > 0) await new Promise<void>((idle) => this.#idle.push(idle))
  }

  /** Changes what is on the disk otherwise than by more: nobody reads it meanwhile. */
  async aside<T>(act: () => Promise<T>): Promise<T> {
    const changed = Promise.withResolvers<void>()
    this.#changing = changed.promise
    await this.idle()
    const done = await act()
    this.#cuts++
    this.#changing = undefined
    changed.resolve()
    this.changed()
    return done
  }

  /** There is another checkpoint, or another cosignature. */
  stand(stood: Stood): void {
    this.#stood = stood
    this.#stoods++
    this.#signed.delete(stood.size)
    const [oldest] = this.#signed.keys()
    if (this.#signed.size >= signedMax && oldest !== undefined) this.#signed.delete(oldest)
    this.#signed.set(stood.size, stood.checkpoint)
    this.changed()
  }

  /** Only so many entries are there any more: it stands at the last checkpoint that they reach. */
  fall(size: number): void {
    for (const at of this.#signed.keys()) if (at > size) this.#signed.delete(at)
    const last = [...this.#signed].at(-1)
    this.#stood = last && { size: last[0], checkpoint: last[1], cosignatures: [] }
  }

  /** More is on the disk. */
  changed(): void {
    this.#news.tell()
  }

  /** Nothing more comes of it: it is closed, or has gone to another place. */
  close(): void {
    this.#over = refusalOf('wire.closing')
    this.changed()
  }

  /** Entries from one on, in their bytes, as they come, until the signal. */
  async *entries(from: number, signal: AbortSignal): AsyncGenerator<Answer<Numbered[]>> {
    for (let at = from; !signal.aborted; ) {
      const { change } = this
      const to = Math.min(this.store.tip.size, at + limits.followAheadMax)
      if (at >= to) {
        await this.news(signal, change)
        continue
      }
      const pages = await this.read(() => this.#pages(at, to))
      for (const page of pages) {
        if (!page.ok) {
          yield page
          return
        }
        yield accept(page.value.map((entry) => ({ seq: at++, entry })))
      }
    }
  }

  /**
   * Opens it for a follower. Entries go as far as the last checkpoint and then the checkpoint, so
   * that who folds them has the root of the state just where it is asked for. Who asks for what is
   * ahead has each entry as soon as it is on the disk, and checkpoints behind what they cover.
   */
  open(chain: ChainId, from: number, ahead = false): Answer<Reading> {
    const { tip } = this.store
    if (chain !== tip.chain) return refuse('ledger.unknown', { detail: `the chain ${chain}` })
    if (from > tip.size) return refuse('ledger.unknown', { detail: `entry ${from} of ${tip.size}` })
    const gone = new AbortController()
    const given: Given = { at: from, place: { size: from }, cuts: this.#cuts }
    let stoods = 0
    return accept({
      next: async (entriesMax, signal) => {
        const either = AbortSignal.any([signal, gone.signal])
        while (!either.aborted) {
          // What changes from here on is not missed, though it is read what was before.
          const { change } = this
          const below = () => (ahead ? this.store.tip.size : (this.#stood?.size ?? 0))
          const news = await this.#more(given, below, entriesMax)
          const last = news.at(-1)
          if (last?.type === 'refuse') return news
          if (last?.type === 'entry') given.place = { size: given.at, head: entryHash(last.entry) }
          const { at } = given
          const stood = this.#stood
          const isThere = stood !== undefined && (ahead ? at >= stood.size : at === stood.size)
          if (isThere && stoods < this.#stoods) {
            stoods = this.#stoods
            const { checkpoint, cosignatures } = stood
            news.push({ type: 'checkpoint', checkpoint, cosignatures })
          }
          if (news.length > 0) return news
          await this.news(either, change)
        }
        return []
      },
      [Symbol.dispose]: () => gone.abort(),
    })
  }

  /**
   * Opens it for a follower who needs this history as far as a cut: the checkpoint there first, if
   * it is known, so that nothing is given up for what nobody has signed.
   */
  async openTo(chain: ChainId, from: number, { size, head }: Place): Promise<Answer<Reading>> {
    const opened = this.open(chain, from)
    if (!opened.ok) return opened
    const given: Given = { at: from, place: { size, head }, cuts: this.#cuts }
    if (!(await this.has({ size, head }))) {
      return refuse('ledger.unknown', { detail: `no ${size} entries with this head are here` })
    }
    const checkpoint = this.#signed.get(size)
    const cosignatures = this.#stood?.size === size ? this.#stood.cosignatures : []
    const first: ToFollower[] = checkpoint ? [{ type: 'checkpoint', checkpoint, cosignatures }] : []
    return accept({
      next: async (entriesMax, signal) => {
        for (;;) {
          const { change } = this
          const news = [...first.splice(0), ...(await this.#more(given, () => size, entriesMax))]
          if (news.length > 0 || signal.aborted) return news
          await this.news(signal, change)
        }
      },
      [Symbol.dispose]: () => {},
    })
  }

  /** Whether its history is the one that has this place. */
  async has(place: Place): Promise<boolean> {
    return await this.read(() => this.#has(place))
  }

  async #has({ size, head }: Given['place']): Promise<boolean> {
    if (this.store.tip.size < size) return false
    if (head === undefined) return true
    const entry = await this.store.entry(size - 1)
    return entry.ok && entryHash(entry.value) === head
  }

  /** What comes next for a follower, below a size; a refusal, if there is no going on. */
  #more(given: Given, below: () => number, entriesMax: number): Promise<ToFollower[]> {
    return this.read(async () => {
      const refusal = this.#over ?? (await this.#lost(given))
      if (refusal !== undefined) return [{ type: 'refuse', refusal }]
      const news = await this.#entriesFor(given.at, below(), entriesMax)
      given.at += news.filter(({ type }) => type === 'entry').length
      return news
    })
  }

  /** That what somebody was given is not of it any more, if it was cut so. */
  async #lost(given: Given): Promise<Refusal | undefined> {
    if (given.cuts === this.#cuts) return undefined
    given.cuts = this.#cuts
    if (await this.#has(given.place)) return undefined
    const detail = `it was cut, and has not these ${given.place.size} entries any more`
    return refusalOf('ledger.unknown', { detail })
  }

  /** The next entries for a follower, below a size. */
  async #entriesFor(from: number, below: number, entriesMax: number): Promise<ToFollower[]> {
    const news: ToFollower[] = []
    const to = Math.min(below, from + Math.min(entriesMax, limits.perFrameMax))
    for (const page of await this.#pages(from, to)) {
      if (!page.ok) return [{ type: 'refuse', refusal: page.refusal }]
      for (const entry of page.value) news.push({ type: 'entry', seq: from + news.length, entry })
    }
    return news
  }

  async #pages(from: number, to: number): Promise<Answer<readonly Uint8Array[]>[]> {
    const pages: Answer<readonly Uint8Array[]>[] = []
    for await (const page of this.store.pages(from, to)) pages.push(page)
    return pages
  }

  /** Waits until something has changed, since it had changed so often, or for the signal. */
  async news(signal: AbortSignal, change = this.change): Promise<void> {
    await this.#news.wait(signal, change)
  }
}
