import type { Reading } from '@nexapod/mesh'
import type { Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type Cosignature,
  limits,
  refuse,
  type Signed,
  type ToFollower,
} from '@nexapod/specs'

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

/** A chain on the disk, for whoever reads it while it grows. */
export class Feed {
  readonly store: Store
  #stood: Stood | undefined
  #stoods = 0
  #changed = Promise.withResolvers<void>()

  constructor(store: Store) {
    this.store = store
  }

  /** The last checkpoint that is known. */
  get stood(): Stood | undefined {
    return this.#stood
  }

  /** There is another checkpoint, or another cosignature. */
  stand(stood: Stood): void {
    this.#stood = stood
    this.#stoods++
    this.changed()
  }

  /** More is on the disk. */
  changed(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  /** Entries from one on, in their bytes, as they come, until the signal. */
  async *entries(from: number, signal: AbortSignal): AsyncGenerator<Answer<Numbered[]>> {
    for (let at = from; !signal.aborted; ) {
      const to = Math.min(this.store.tip.size, at + limits.followAheadMax)
      if (at >= to) {
        await this.news(signal)
        continue
      }
      for await (const page of this.store.pages(at, to)) {
        if (!page.ok) {
          yield page
          return
        }
        const entries = page.value.map((entry, i) => ({ seq: at + i, entry }))
        at += entries.length
        yield accept(entries)
        if (signal.aborted) return
      }
    }
  }

  /**
   * Opens it for a follower. Entries go as far as the last checkpoint and then the checkpoint, so
   * that who folds them has the root of the state just where it is asked for.
   */
  read(chain: ChainId, from: number): Answer<Reading> {
    const { tip } = this.store
    if (chain !== tip.chain) return refuse('ledger.unknown', { detail: `the chain ${chain}` })
    if (from > tip.size) return refuse('ledger.unknown', { detail: `entry ${from} of ${tip.size}` })
    const gone = new AbortController()
    let at = from
    let stoods = 0
    return accept({
      next: async (entriesMax, signal) => {
        const either = AbortSignal.any([signal, gone.signal])
        while (!either.aborted) {
          const news: ToFollower[] = []
          const to = Math.min(this.#stood?.size ?? 0, at + Math.min(entriesMax, limits.perFrameMax))
          for await (const page of this.store.pages(at, to)) {
            if (!page.ok) return [{ type: 'refuse', refusal: page.refusal }]
            for (const entry of page.value) news.push({ type: 'entry', seq: at++, entry })
          }
          const stood = this.#stood
          if (stood !== undefined && stoods < this.#stoods && at === stood.size) {
            stoods = this.#stoods
            const { checkpoint, cosignatures } = stood
            news.push({ type: 'checkpoint', checkpoint, cosignatures })
          }
          if (news.length > 0) return news
          await this.news(either)
        }
        return []
      },
      [Symbol.dispose]: () => gone.abort(),
    })
  }

  /** Waits until something has changed, or for the signal. */
  async news(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const ended = Promise.withResolvers<void>()
    const end = () => ended.resolve()
    signal.addEventListener('abort', end, { once: true })
    await Promise.race([this.#changed.promise, ended.promise])
    signal.removeEventListener('abort', end)
  }
}
