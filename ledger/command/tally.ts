import {
  type Account,
  type Answer,
  accept,
  accounts,
  type Fact,
  meshDocument,
  open,
  reopen,
} from '@nexapod/specs'
import { balanceOf } from '../fold/state.ts'
import { Ledger } from '../ledger.ts'
import type { Store } from '../store/index.ts'
import { Progress } from './progress.ts'
import type { Shell } from './shell.ts'

/** How much an account holds. */
interface Balance {
  readonly account: Account
  readonly micro: number
}

/** What the entries of a ledger add up to, and what they are made of. */
export interface Tally {
  readonly ledger: Ledger
  /** What the mesh calls itself; its id is in the governance. */
  readonly meshName: string
  /** How many facts there are of each type, the most first. */
  readonly facts: readonly (readonly [type: Fact['type'], count: number])[]
  /** Those who hold credit, the richest first. */
  readonly owners: readonly Balance[]
  /** All that was ever earned, and what of it is held back until it is final. */
  readonly givenMicro: number
  readonly heldMicro: number
}

/** Reads all entries of a store, and counts. */
export async function tallied(store: Store, shell: Shell): Promise<Answer<Tally>> {
  using progress = new Progress(shell, 'reading')
  const ledger = new Ledger(reopen)
  const counts = new Map<Fact['type'], number>()
  const seen = new Set<Account>()
  let heldMicro = 0
  let meshName = ''
  let done = 0
  for await (const page of store.pages(0, store.tip.size, shell.signal)) {
    if (!page.ok) return page
    for (const bytes of page.value) {
      const taken = ledger.take(bytes)
      if (!taken.ok) return taken
      for (const fact of taken.value.entry.facts) {
        counts.set(fact.type, (counts.get(fact.type) ?? 0) + 1)
        if (fact.type === 'genesis') meshName = nameOf(fact)
        if (fact.type !== 'transfer') continue
        const { from, to, micro } = fact
        if (to.startsWith('owner/')) seen.add(to)
        heldMicro += (isHeld(to) ? micro : 0) - (isHeld(from) ? micro : 0)
      }
    }
    done += page.value.length
    progress.reached(done, store.tip.size)
  }
  const owners = [...seen]
    .map((account) => ({ account, micro: balanceOf(ledger.state, account) }))
    .filter(({ micro }) => micro > 0)
    .sort((a, b) => b.micro - a.micro || (a.account < b.account ? -1 : 1))
  const facts = [...counts].sort(([, a], [, b]) => b - a)
  const givenMicro = -balanceOf(ledger.state, accounts.mint)
  return accept({ ledger, meshName, facts, owners, givenMicro, heldMicro })
}

function nameOf({ mesh }: Fact & { readonly type: 'genesis' }): string {
  const opened = open(meshDocument, mesh)
  return opened.ok ? opened.value.name : ''
}

function isHeld(account: Account): boolean {
  return account.startsWith('hold/')
}
