import {
  type Answer,
  accept,
  type ChainId,
  type CoordinatorId,
  chainId,
  type Entry,
  type Fact,
  open,
  refuse,
  sealDocument,
} from '@nexapod/specs'
import { founded, governed, isMember, isQuorum } from '../chain/governance.ts'
import type { Governance } from '../chain/stand.ts'

/** Whether an entry changes who governs a chain or writes it: none of those can be left out. */
export function governs({ facts }: Entry): boolean {
  return facts.some(({ type }) => ['genesis', 'roster', 'rates', 'seal'].includes(type))
}

/**
 * Who governs a chain and who writes it, from those of its entries that say so. What is left out
 * leaves a gap: changes of the roster are numbered, and so are epochs.
 */
export class Line {
  readonly chain: ChainId
  governance: Governance
  coordinator: CoordinatorId
  epoch = 0
  #last: Entry

  private constructor(first: Entry, genesis: Fact & { type: 'genesis' }, governance: Governance) {
    this.chain = first.chain
    this.governance = governance
    this.coordinator = genesis.coordinator
    this.#last = first
  }

  /** Begins with the first entry of a chain. */
  static begin(entry: Entry): Answer<Line> {
    const [genesis] = entry.facts
    if (genesis?.type !== 'genesis' || entry.seq !== 0 || entry.epoch !== 0) {
      return refuse('chain.link', { detail: 'a chain begins with its genesis' })
    }
    const { type: _, ...named } = genesis
    if (entry.chain !== chainId(named)) {
      return refuse('chain.link', { detail: 'the chain is not called by its genesis' })
    }
    const governance = founded(genesis.mesh)
    if (!governance.ok) return governance
    const line = new Line(entry, genesis, governance.value)
    const rest = line.#amend(entry.facts)
    return rest.ok ? accept(line) : rest
  }

  /** Takes a later entry. */
  take(entry: Entry): Answer<unknown> {
    const { chain, seq, time, epoch, facts } = entry
    if (chain !== this.chain || seq <= this.#last.seq || time < this.#last.time) {
      return refuse('chain.link', { detail: `entry ${seq} does not follow ${this.#last.seq}` })
    }
    const [first] = facts
    if (first?.type === 'seal') {
      const sealed = this.#sealed(entry, first)
      if (!sealed.ok) return sealed
    }
    if (epoch !== this.epoch) {
      const detail = `epoch ${epoch} after ${this.epoch} without its seal`
      return refuse('chain.link', { detail })
    }
    this.#last = entry
    return this.#amend(facts)
  }

  #amend(facts: readonly Fact[]): Answer<unknown> {
    const after = governed(this.governance, this.coordinator, facts)
    if (after.ok) this.governance = after.value
    return after
  }

  #sealed({ seq, prev }: Entry, fact: Fact & { type: 'seal' }): Answer<unknown> {
    const seal = open(sealDocument, fact.seal)
    if (!seal.ok) return seal
    const { chain, epoch, size, head, successor, signers } = seal.value
    if (chain !== this.chain || epoch !== this.epoch || size !== seq || head !== prev) {
      return refuse('chain.link', { detail: 'the seal of another place' })
    }
    if (!isQuorum(this.governance, signers) || !isMember(this.governance, successor)) {
      return refuse('chain.roster', { detail: 'a seal needs a quorum, and a successor' })
    }
    this.epoch = epoch + 1
    this.coordinator = successor
    return accept(undefined)
  }
}
