import { balanceOf, type Ledger } from '@nexapod/ledger'
import {
  accounts,
  type Entry,
  type Fact,
  type JobId,
  type OwnerId,
  type Purpose,
  type TransferId,
  transferId,
} from '@nexapod/specs'

type Moved = Fact & { readonly type: 'transfer' }

/** Where credit is: in its account, held until audits are over, a bond; or gone from there. */
export type Stage = 'final' | 'pending' | 'bonded' | 'returned' | 'forfeited'

/** Credit that came to an owner or left it, and what became of it. */
export interface Move {
  /** The entry that it stands in first, and when that was written. */
  readonly entry: number
  readonly time: number
  readonly purpose: Purpose['type']
  /** What came, in micro-credits; what left is below 0. */
  readonly micro: number
  readonly stage: Stage
  /** The entry that made it so. */
  readonly since: number
  readonly job?: JobId
  readonly unit?: number
}

/** All that moved to and from an owner, from the entries of a chain in their order. */
export class History {
  readonly #owner: OwnerId
  readonly #moves: Move[] = []
  /** What is held or bonded: where it stands above, by the id that ends it. */
  readonly #open = new Map<TransferId, number>()

  constructor(owner: OwnerId) {
    this.#owner = owner
  }

  /** Everything, the oldest first. */
  get moves(): readonly Move[] {
    return this.#moves
  }

  /** What of it is at one stage. */
  sum(stage: Stage): number {
    return this.#moves.reduce((sum, one) => sum + (one.stage === stage ? one.micro : 0), 0)
  }

  /** Takes an entry, with the ledger that has just learnt it. */
  seen(entry: Entry, ledger: Ledger): void {
    for (const fact of entry.facts) {
      if (fact.type !== 'transfer') continue
      if (fact.purpose.type === 'settle') this.#settled(entry, fact, fact.purpose, ledger)
      else if (fact.purpose.type === 'earn') this.#earned(entry, fact, fact.purpose, ledger)
      else this.#moved(entry, fact)
    }
  }

  /** Whether it comes to what a state says that the owner has. */
  addsUp({ state }: Ledger): boolean {
    return this.sum('final') === balanceOf(state, accounts.owner(this.#owner))
  }

  #earned(entry: Entry, fact: Moved, { job, unit, slot }: For<'earn'>, { state }: Ledger): void {
    const vote = state.units.get(job, unit)?.votes.find((one) => one.slot === slot)
    if (vote?.owner !== this.#owner) return
    this.#open.set(transferId(fact.purpose), this.#moves.length)
    this.#add(entry, fact, { micro: fact.micro, stage: 'pending' })
  }

  #settled(entry: Entry, fact: Moved, purpose: For<'settle'>, { state }: Ledger): void {
    const { to, micro } = fact
    const id = transferId(purpose)
    const mine = to === accounts.owner(this.#owner)
    const bonded = state.bonds.get(id)?.owner === this.#owner
    const at = this.#open.get(purpose.of)
    this.#open.delete(purpose.of)
    const stage = mine
      ? 'final'
      : to.startsWith('bond/')
        ? 'bonded'
        : to === accounts.slash
          ? 'forfeited'
          : 'returned'
    const before = at === undefined ? undefined : this.#moves[at]
    if (at !== undefined && before !== undefined) {
      this.#moves[at] = { ...before, stage, since: entry.seq }
      if (bonded) this.#open.set(id, at)
    } else if (mine || bonded) {
      // What was metered is nobody's before it is settled.
      if (bonded) this.#open.set(id, this.#moves.length)
      this.#add(entry, fact, { micro, stage })
    }
  }

  /** A budget, a bond, a way over a bridge: it is final as it is written. */
  #moved(entry: Entry, fact: Moved): void {
    const mine = accounts.owner(this.#owner)
    if (fact.to === mine) this.#add(entry, fact, { micro: fact.micro, stage: 'final' })
    if (fact.from !== mine) return
    if (fact.purpose.type === 'bond') {
      // What is left as a bond comes back, or is forfeited, as a move of its own.
      this.#open.set(transferId(fact.purpose), this.#moves.length + 1)
      this.#add(entry, fact, { micro: -fact.micro, stage: 'final' })
      this.#add(entry, fact, { micro: fact.micro, stage: 'bonded' })
      return
    }
    this.#add(entry, fact, { micro: -fact.micro, stage: 'final' })
  }

  #add(
    { seq, time }: Entry,
    { purpose, from, to }: Moved,
    { micro, stage }: Pick<Move, 'micro' | 'stage'>,
  ): void {
    const named = [from, to].find((one) => one.startsWith('hold/'))
    const escrow = [from, to].find((one) => one.startsWith('escrow/'))
    const [, job, unit] = (named ?? escrow ?? '').split('/')
    this.#moves.push({
      ...{ entry: seq, time, purpose: purpose.type, micro, stage, since: seq },
      ...(job === undefined ? {} : { job: job as JobId }),
      ...(unit === undefined ? {} : { unit: Number(unit) }),
    })
  }
}

type For<T extends Purpose['type']> = Purpose & { readonly type: T }
