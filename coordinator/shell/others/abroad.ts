import type { Ledger, State } from '@nexapod/ledger'
import type { ChainId, NodeId, OwnerId } from '@nexapod/specs'
import type { Elsewhere } from '../../core/event.ts'
import type { Inbox } from '../home/desk.ts'

const nobody = { vouched: 0, passes: 0, strikes: 0 }

/** What other chains say, brought to a home: of each node that comes, and whom they banned. */
export class Abroad {
  readonly #inbox: Inbox
  readonly #beside: () => readonly State[]
  readonly #told = new Set<OwnerId>()

  constructor(inbox: Inbox, beside: () => readonly State[]) {
    this.#inbox = inbox
    this.#beside = beside
  }

  /** What they say of a node, as far as they had verdicts about it. */
  said(node: NodeId): Elsewhere[] {
    this.hear()
    return this.#beside().flatMap(({ reputations }): Elsewhere[] => {
      const [wasm, docker] = [reputations.get(node, 'wasm'), reputations.get(node, 'docker')]
      if (wasm === undefined && docker === undefined) return []
      return [{ wasm: wasm ?? nobody, docker: docker ?? nobody }]
    })
  }

  /** Tells the core of owners whom another chain has banned since. */
  hear(): void {
    const owners: OwnerId[] = []
    for (const { bans } of this.#beside()) {
      for (const [key] of bans.entries()) {
        const owner = key as OwnerId
        if (this.#told.has(owner)) continue
        this.#told.add(owner)
        owners.push(owner)
      }
    }
    if (owners.length > 0) this.#inbox.happen({ type: 'banned', owners })
  }
}

/** What the chains come to that are not this one, and of which no fork is known. */
export function besides(
  chain: ChainId,
  ledgers: readonly Ledger[],
  isFrozen: (chain: ChainId, epoch: number) => boolean,
): State[] {
  return ledgers.flatMap(({ chain: { tip }, state }) => {
    if (tip === undefined || tip.chain === chain) return []
    return isFrozen(tip.chain, tip.epoch) ? [] : [state]
  })
}
