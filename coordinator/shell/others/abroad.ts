import type { Ledger, State } from '@nexapod/ledger'
import type { ChainId, NodeId, OwnerId } from '@nexapod/specs'
import type { Elsewhere } from '../../core/event.ts'
import type { Inbox } from '../home/desk.ts'

const nobody = { vouched: 0, passes: 0, strikes: 0 }

/** Another chain, wherever it is learnt: in which epoch it stands, and what it says. */
export interface Beside {
  readonly chain: ChainId
  readonly tip: { readonly epoch: number } | undefined
  /** Owners who are banned there: the same list, as long as it does no more than grow. */
  readonly bans: readonly OwnerId[]
  /** What verdicts there made of a node, if there were any. */
  said(node: NodeId): Promise<Elsewhere | undefined>
}

/** What other chains say, brought to a home: of each node that comes, and whom they banned. */
export class Abroad {
  readonly #inbox: Inbox
  readonly #beside: () => readonly Beside[]
  readonly #told = new Set<OwnerId>()
  /** How much of each list was heard: who comes is not held against all of it again. */
  readonly #heard = new WeakMap<readonly OwnerId[], number>()

  constructor(inbox: Inbox, beside: () => readonly Beside[]) {
    this.#inbox = inbox
    this.#beside = beside
  }

  /** What they say of a node, as far as they had verdicts about it. */
  async said(node: NodeId): Promise<Elsewhere[]> {
    this.hear()
    const said = await Promise.all(this.#beside().map((one) => one.said(node)))
    return said.filter((one) => one !== undefined)
  }

  /** Tells the core of owners whom another chain has banned since. */
  hear(): void {
    const owners: OwnerId[] = []
    for (const { bans } of this.#beside()) {
      const from = this.#heard.get(bans) ?? 0
      this.#heard.set(bans, bans.length)
      for (const owner of bans.slice(from)) {
        if (this.#told.has(owner)) continue
        this.#told.add(owner)
        owners.push(owner)
      }
    }
    if (owners.length > 0) this.#inbox.happen({ type: 'banned', owners })
  }
}

/** The chains that are not this one, and of which no fork is known. */
export function besides(
  chain: ChainId,
  all: readonly Beside[],
  isFrozen: (chain: ChainId, epoch: number) => boolean,
): Beside[] {
  return all.filter(({ chain: one, tip }) => {
    return tip !== undefined && one !== chain && !isFrozen(one, tip.epoch)
  })
}

/** A chain whose ledger is here. */
export function besideOf(chain: ChainId, ledger: Ledger): Beside {
  const { state } = ledger
  return {
    chain,
    tip: ledger.chain.tip,
    bans: Array.from(state.bans.entries(), ([owner]) => owner as OwnerId),
    said: (node) => Promise.resolve(saidOf(state, node)),
  }
}

/** What a state says of a node, if verdicts were about it. */
export function saidOf({ reputations }: State, node: NodeId): Elsewhere | undefined {
  const [wasm, docker] = [reputations.get(node, 'wasm'), reputations.get(node, 'docker')]
  if (wasm === undefined && docker === undefined) return undefined
  return { wasm: wasm ?? nobody, docker: docker ?? nobody }
}
