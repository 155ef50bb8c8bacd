import { type Answer, accept, refuse } from '@nexapod/specs'
import { Chain } from '../chain/chain.ts'
import type { Stand } from '../chain/stand.ts'
import type { Store } from '../store/index.ts'
import { Progress } from './progress.ts'
import type { Shell } from './shell.ts'

/** Where a chain stands with all entries of a store: who governs it is in them. */
export async function readStand(
  store: Store,
  shell: Shell,
  chain = new Chain(),
): Promise<Answer<Stand>> {
  using progress = new Progress(shell, 'reading the roster of')
  let done = chain.stand?.size ?? 0
  for await (const page of store.pages(done, store.tip.size, shell.signal)) {
    if (!page.ok) return page
    for (const bytes of page.value) {
      const taken = chain.append(bytes)
      if (!taken.ok) return taken
    }
    done += page.value.length
    progress.reached(done, store.tip.size)
  }
  const { stand } = chain
  return stand === undefined ? refuse('ledger.unknown', { detail: 'no entry yet' }) : accept(stand)
}
