import { type Answer, accept, encode, reopen } from '@nexapod/specs'
import { standSchema } from '../chain/stand.ts'
import { Ledger } from '../ledger.ts'
import type { Store } from './store.ts'

/** How a recovery is watched, and stopped. */
export interface RecoverOptions {
  readonly signal?: AbortSignal
  /** How many entries are folded, and of how many. */
  readonly onProgress?: (done: number, size: number) => void
  /** Up to which size; all, if it is left out. */
  readonly size?: number
}

/** Reads what a store holds: its chain, and the state that its entries add up to. */
export async function recover(store: Store, options: RecoverOptions = {}): Promise<Answer<Ledger>> {
  const { signal, onProgress, size = store.tip.size } = options
  const ledger = new Ledger(reopen)
  for await (const page of store.pages(0, size, signal)) {
    if (!page.ok) return page
    for (const bytes of page.value) {
      const taken = ledger.take(bytes)
      if (!taken.ok) return taken
    }
    onProgress?.(ledger.chain.stand?.size ?? 0, size)
  }
  return accept(ledger)
}

/** Keeps what a ledger holds now, so that the next recovery folds what comes after it only. */
export async function keepSnapshot(store: Store, ledger: Ledger): Promise<Answer<undefined>> {
  const { stand } = ledger.chain
  if (stand === undefined) return accept(undefined)
  const { size, head } = stand
  return await store.keepSnapshot({ size, head }, [encode(standSchema, stand)])
}
