import { type ChainId, entryHash, limits, toJson } from '@nexapod/specs'
import type { ChainHere, Chains } from '../chains.ts'
import { News } from '../home/news.ts'
import type { EntryView } from '../home/view.ts'
import type { Time } from '../time.ts'
import type { Register } from './register/register.ts'
import { shapes } from './shapes.ts'
import { shownEntry } from './shown.ts'

/** An entry that was written a moment ago, and its event once somebody wants it. */
interface Kept {
  readonly view: EntryView
  text: string | undefined
}

/** What a reel stands on. */
export interface ReelGround {
  /** How many entries of the chain there are to be told. */
  size(): number
  /** Where they are read now: who has the chain may be another from one moment to the next. */
  read(): Pick<ChainHere, 'page'> | undefined
  readonly time: Time
}

/** What reels stand on. */
export interface ReelsGround {
  readonly register: Pick<Register, 'sizeOf' | 'onTaken'>
  readonly chains: Pick<Chains, 'of'>
  readonly time: Time
}

/**
 * The last entries as events, for all streams together: who listens at the end of the chain costs
 * no more than the sending. Who is further behind waits for the one reader of the disk, which
 * pauses after each page; so that however many go through the whole chain, work goes on.
 */
export class Reel {
  readonly #ground: ReelGround
  readonly #gone: AbortSignal
  #kept: Kept[] = []
  #bytes = 0
  /** The entry that is taken next, as far as is known. */
  #next: number
  #again = new AbortController()
  readonly #news = new News()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(ground: ReelGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    this.#next = ground.size()
  }

  /** Events for the entries from one on, and a comment from time to time where there are none. */
  async *events(from: number, signal: AbortSignal): AsyncGenerator<string> {
    const { size } = this.#ground
    const either = AbortSignal.any([signal, this.#gone, this.#again.signal])
    let head: string | undefined
    yield `retry: ${limits.pauseMs}\n\n`
    for (let at = from; !either.aborted; ) {
      if (at >= size()) {
        if ((await this.#wait(either)) === 'beat') yield ':\n\n'
        continue
      }
      const some = this.#recent(at) ?? (await this.#read(at, either))
      const [first, last] = [some[0], some.at(-1)]
      if (first === undefined || last === undefined) return
      // It was cut, and goes on otherwise than was told.
      if (head !== undefined && first.view.entry.prev !== head) return
      at += some.length
      head = entryHash(last.view.bytes)
      yield some.map(eventOf).join('')
    }
  }

  /** The next entries are there. */
  take(entries: readonly EntryView[]): void {
    const seq = entries[0]?.seq ?? 0
    if (seq < this.#next) this.#begin()
    this.#next = seq + entries.length
    for (const view of entries) {
      this.#kept.push({ view, text: undefined })
      this.#bytes += view.bytes.length
    }
    let first = 0
    while (this.#bytes > limits.httpReelBytesMax) {
      this.#bytes -= this.#kept[first++]?.view.bytes.length ?? 0
    }
    this.#kept = this.#kept.slice(first)
    this.#news.tell()
  }

  /** The chain is read again, and may not be what it was: who listens has to come back. */
  #begin(): void {
    this.#again.abort()
    this.#again = new AbortController()
    this.#kept = []
    this.#bytes = 0
  }

  /** Some entries from one on, if that was written a moment ago. */
  #recent(at: number): Kept[] | undefined {
    const first = this.#kept[0]?.view.seq ?? Number.POSITIVE_INFINITY
    if (at < first) return undefined
    return this.#kept.slice(at - first, at - first + limits.perFrameMax)
  }

  /** The same from the disk, in turn; none if that cannot be read any more. */
  #read(at: number, signal: AbortSignal): Promise<Kept[]> {
    const read = this.#turn.then(async () => {
      if (signal.aborted) return []
      const { read, size } = this.#ground
      const page = await read()?.page(at, Math.min(limits.perFrameMax, size() - at))
      await this.#pause()
      return page?.ok ? page.value.map((view) => ({ view, text: undefined })) : []
    })
    this.#turn = read
    return read
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#ground.time.after(limits.httpReelPauseMs, resolve))
  }

  /** Waits for entries, for the signal, or until something has to be said. */
  async #wait(signal: AbortSignal): Promise<'beat' | undefined> {
    const late = new AbortController()
    const cancel = this.#ground.time.after(limits.httpBeatMs, () => late.abort())
    await this.#news.wait(AbortSignal.any([signal, late.signal]))
    cancel()
    return late.signal.aborted ? 'beat' : undefined
  }
}

/** A reel for each chain that somebody listens to; that of the own chain is always there. */
export class Reels {
  readonly #ground: ReelsGround
  readonly #gone: AbortSignal
  readonly #reels = new Map<ChainId, { readonly reel: Reel; listeners: number }>()

  constructor(ground: ReelsGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    ground.register.onTaken((chain, entries) => this.#reels.get(chain)?.reel.take(entries))
  }

  /** Events for the entries of a chain from one on, as long as it is here. */
  async *events(chain: ChainId, from: number, signal: AbortSignal): AsyncGenerator<string> {
    const { register, chains, time } = this.#ground
    const read = () => chains.of(chain)
    // A chain that was cut may show less than was taken of it: who listens waits for more.
    const size = () => Math.min(register.sizeOf(chain), read()?.shown ?? 0)
    const made = () => new Reel({ size, read, time }, this.#gone)
    const kept = this.#reels.get(chain) ?? { reel: made(), listeners: 0 }
    this.#reels.set(chain, kept)
    kept.listeners++
    try {
      yield* kept.reel.events(from, signal)
    } finally {
      kept.listeners--
      if (kept.listeners === 0 && read()?.role !== 'own') this.#reels.delete(chain)
    }
  }
}

function eventOf(kept: Kept): string {
  const { view, text } = kept
  if (text !== undefined) return text
  const data = JSON.stringify(toJson(shapes.Entry, shownEntry(view)))
  kept.text = `id: ${view.seq}\nevent: entry\ndata: ${data}\n\n`
  return kept.text
}
