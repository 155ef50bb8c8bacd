import {
  type Account,
  accounts,
  type Fact,
  type Purpose,
  resultId,
  type Signer,
} from '@nexapod/specs'
import { accepted, jobFact, outcomeOf, peer, receiptOf, settleOf, transfer } from './world.ts'

const fuel = 5_000_000_000
/** What each that wins a unit earns. */
export const earnedMicro = 5000

type Others = Parameters<typeof accepted>[2]
type Run = ReturnType<typeof receiptOf>

/** A job of volunteers, and the facts by which its units are run and decided. */
export class Trial {
  readonly id
  readonly admitted: readonly Fact[]

  constructor(units: number, nonce = 1) {
    const { id, fact } = jobFact(peer(1), nonce, units)
    this.id = id
    this.admitted = [{ type: 'fences', below: 1000 + nonce }, fact]
  }

  /** A node's execution of a unit, with a result of its own for each flavour. */
  run(unit: number, node: Signer, slot: number, flavour = 0): Run {
    const outcome = outcomeOf(this.id, unit, fuel, flavour)
    return receiptOf(node, this.id, unit, slot, resultId(outcome))
  }

  /** A verdict that accepts a unit with what is said in those slots, and what some of them earn. */
  accept(
    unit: number,
    runs: readonly Run[],
    agreeing: readonly number[],
    { earning = agreeing, flavour = 0, ...others }: Others & Earning = {},
  ): Fact[] {
    const outcome = outcomeOf(this.id, unit, fuel, flavour)
    const decided = accepted(outcome, agreeing, others)
    const receipts = runs.map(({ signed }) => signed)
    const earns = earning.map((slot) => {
      return transfer(this.#earn(unit, slot), accounts.mint, this.hold(unit, slot), earnedMicro)
    })
    return [{ type: 'verdict', job: this.id, unit, decided, receipts }, ...earns]
  }

  /** A verdict that a unit is dead. */
  end(unit: number, type: 'expired' | 'split' | 'cancelled' = 'expired', runs: Run[] = []): Fact {
    const receipts = runs.map(({ signed }) => signed)
    return { type: 'verdict', job: this.id, unit, decided: { type }, receipts }
  }

  reopen(unit: number): Fact {
    return { type: 'reopen', job: this.id, unit }
  }

  hold(unit: number, slot: number): Account {
    return accounts.hold(this.id, unit, slot)
  }

  /** The end of what was earned in a slot. */
  settle(unit: number, slot: number, to: Account): Fact {
    return settleOf(this.#earn(unit, slot), this.hold(unit, slot), to, earnedMicro)
  }

  /** The end of what waited as a bond after that. */
  release(unit: number, slot: number, node: Signer, to: Account): Fact {
    const settled = this.settle(unit, slot, to)
    if (settled.type !== 'transfer') throw new Error('a settlement is a transfer')
    return settleOf(settled.purpose, bondOf(node), to, earnedMicro)
  }

  #earn(unit: number, slot: number): Purpose {
    return { type: 'earn', job: this.id, unit, slot }
  }
}

interface Earning {
  /** The slots that earn; all that agree, if it does not say. */
  readonly earning?: readonly number[]
  /** Which result is accepted. */
  readonly flavour?: number
}

/** The account in which waits what a node earned. */
export function bondOf(node: Signer): Account {
  return accounts.bond(node.id as Parameters<typeof accounts.bond>[0])
}
