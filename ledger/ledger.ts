import { type Answer, EncodedFacts, type Fact, type Opening, open } from '@nexapod/specs'
import { Chain, type Judge, type Taken } from './chain/chain.ts'
import type { Stand } from './chain/stand.ts'
import { Draft } from './draft.ts'
import { Lesson, learn } from './fold/learn.ts'
import { Owed } from './fold/owed.ts'
import { emptyState, type State } from './fold/state.ts'

/** Where the reading of a ledger stands. */
export interface Standing {
  readonly stand: Stand
  readonly state: State
}

/**
 * A chain, and the state that its entries add up to: an entry is taken by both or by none. One that
 * is refused changes nothing, for entries are not signed, and anybody can invent a next one; what
 * is to be done about one below a signed checkpoint is for its reader to say.
 */
export class Ledger {
  readonly chain: Chain
  readonly state: State
  readonly #opening: Opening
  readonly #judge: Judge
  /** Of the entry that is being written. */
  readonly #encoded = new EncodedFacts()
  #isDrafting = false

  /**
   * A ledger of which nothing is known, or one that was read before. `opening` is how documents in
   * facts are read: who opened them before they were appended here may reopen them.
   */
  constructor(opening: Opening = open, from?: Standing) {
    this.chain = new Chain(from?.stand)
    this.state = from?.state ?? emptyState()
    this.#opening = opening
    this.#judge = (entry, governance) => learn(this.state, entry, governance, opening)
  }

  /** Takes the next entry as it was written elsewhere. */
  take(bytes: Uint8Array): Answer<Taken> {
    this.#undrafted()
    return this.chain.append(bytes, this.#judge)
  }

  /** Writes facts as the next entry. */
  write(facts: readonly Fact[], time: number): Answer<Taken> {
    this.#undrafted()
    return this.chain.write(facts, time, this.#judge)
  }

  /** Begins the next entry of a chain that has begun. Until it ends, no other is taken. */
  draft(time: number): Draft {
    this.#undrafted()
    const { state, chain } = this
    const { tip } = chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    const { governance } = tip
    const entry = { ...chain.next(time), facts: [] }
    this.#isDrafting = true
    const owed = new Owed()
    const lesson = new Lesson({ state, entry, governance, opening: this.#opening, owed })
    this.#encoded.clear()
    return new Draft(entry, this.#encoded, lesson, (whole, bytes) => {
      this.#isDrafting = false
      return chain.extend(whole, bytes)
    })
  }

  #undrafted(): void {
    if (this.#isDrafting) throw new Error('another entry is being written')
  }
}
