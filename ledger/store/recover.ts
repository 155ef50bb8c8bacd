import { type Answer, accept, decode, encode, reopen } from '@nexapod/specs'
import { standSchema } from '../chain/stand.ts'
import { Ledger, type Standing } from '../ledger.ts'
import { frozen, Thaw } from '../state/frozen.ts'
import type { SnapshotName } from './snapshots.ts'
import type { Store } from './store.ts'

/** How a recovery is watched, and stopped. */
export interface RecoverOptions {
  readonly signal?: AbortSignal
  /** How many entries are folded, and of how many. */
  readonly onProgress?: (done: number, size: number) => void
  /** Up to which size; all, if it is left out. */
  readonly size?: number
}

/** What a store holds: its chain, and the state that its entries add up to. */
export async function recover(store: Store, options: RecoverOptions = {}): Promise<Answer<Ledger>> {
  const { signal, onProgress, size = store.tip.size } = options
  const names = await store.snapshots()
  if (!names.ok) return names
  const from = await lastStanding(store, names.value, size)
  const ledger = new Ledger(reopen, from)
  for await (const page of store.pages(from?.stand.size ?? 0, size, signal)) {
    if (!page.ok) return page
    for (const bytes of page.value) {
      const taken = ledger.take(bytes)
      if (!taken.ok) return taken
    }
    onProgress?.(ledger.chain.stand?.size ?? 0, size)
  }
  return accept(ledger)
}

/** Keeps what a ledger holds now, so that the next recovery folds only what comes after it. */
export async function keepSnapshot(store: Store, ledger: Ledger): Promise<Answer<undefined>> {
  const { stand } = ledger.chain
  if (stand === undefined) return accept(undefined)
  const { size, head } = stand
  const parts = frozen(ledger.state)
  return await store.keepSnapshot({ size, head }, [encode(standSchema, stand), ...parts])
}

/** Where the last sound snapshot stands. One that is bad is as good as none. */
async function lastStanding(
  store: Store,
  names: readonly SnapshotName[],
  size: number,
): Promise<Standing | undefined> {
  for (const name of names) {
    const standing = name.size <= size ? await standingOf(store, name) : undefined
    if (standing !== undefined) return standing
  }
  return undefined
}

async function standingOf(store: Store, name: SnapshotName): Promise<Standing | undefined> {
  const parts = store.snapshot(name)
  const first = await parts.next()
  const stand = first.done || !first.value ? undefined : decode(standSchema, first.value)
  if (!stand?.ok || stand.value.size !== name.size || stand.value.head !== name.head) {
    await parts.return(undefined)
    return undefined
  }
  const thaw = new Thaw()
  for await (const part of parts) {
    if (part === undefined || !thaw.take(part).ok) return undefined
  }
  const state = thaw.end()
  return state.ok ? { stand: stand.value, state: state.value } : undefined
}
