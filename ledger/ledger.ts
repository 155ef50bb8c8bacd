import { type Answer, type Fact, type Opening, open, type Refusal } from '@nexapod/specs'
import { Chain, type Taken } from './chain/chain.ts'
import type { Stand } from './chain/stand.ts'
import { learn } from './fold/learn.ts'
import { emptyState, type State } from './fold/state.ts'

/** Where the reading of a ledger stands. */
export interface Standing {
  readonly stand: Stand
  readonly state: State
}

/**
 * A chain, and the state that its entries add up to. An entry that the chain takes and the fold
 * refuses freezes both: who wrote it broke a rule, and nothing that follows it counts.
 */
export class Ledger {
  readonly chain: Chain
  readonly state: State
  readonly #opening: Opening
  #frozen: Refusal | undefined

  /**
   * A ledger of which nothing is known, or one that was read before. `opening` is how documents in
   * facts are read: who opened them before they were appended here may reopen them.
   */
  constructor(opening: Opening = open, from?: Standing) {
    this.#opening = opening
    this.chain = new Chain(from?.stand)
    this.state = from?.state ?? emptyState()
  }

  /** Takes the next entry as it was written elsewhere. */
  take(bytes: Uint8Array): Answer<Taken> {
    return this.#learnt(() => this.chain.append(bytes))
  }

  /** Writes facts as the next entry. */
  write(facts: readonly Fact[], time: number): Answer<Taken> {
    return this.#learnt(() => this.chain.write(facts, time))
  }

  #learnt(chained: () => Answer<Taken>): Answer<Taken> {
    if (this.#frozen) return { ok: false, refusal: this.#frozen }
    const taken = chained()
    const { governance } = this.chain
    if (!taken.ok || governance === undefined) return taken
    const learnt = learn(this.state, taken.value.entry, governance, this.#opening)
    if (learnt.ok) return taken
    this.#frozen = learnt.refusal
    return learnt
  }
}
