import type { Ledger } from '@nexapod/ledger'
import { keepSnapshot, type Store } from '@nexapod/ledger/store'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'

/** Entries after which the state is kept again, so that a restart folds no more than these. */
const snapshotEntries = 100_000

/** Keeps the state of a chain from time to time, and at its end. */
export class Snapshots implements AsyncDisposable {
  readonly #store: Store
  readonly #ledger: Ledger
  readonly #time: Time
  readonly #log: Log
  #keptSize: number
  #keeping: Promise<void> | undefined

  constructor(
    store: Store,
    ledger: Ledger,
    { time, log }: { readonly time: Time; readonly log: Log },
  ) {
    this.#store = store
    this.#ledger = ledger
    this.#time = time
    this.#log = log
    this.#keptSize = store.tip.size
  }

  /** The chain has grown. */
  grown(): void {
    const { tip } = this.#store
    if (this.#keeping !== undefined || tip.size - this.#keptSize < snapshotEntries) return
    this.#keptSize = tip.size
    this.#keeping = this.#keep()
  }

  /** Resolves when none is being made any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeping
  }

  async #keep(): Promise<void> {
    const from = this.#time.now()
    const kept = await keepSnapshot(this.#store, this.#ledger)
    const ms = Math.round(this.#time.now() - from)
    if (kept.ok) this.#log.info({ entries: this.#keptSize, ms }, 'snapshot')
    else this.#log.error({ refusal: kept.refusal }, 'no snapshot')
    this.#keeping = undefined
  }
}
