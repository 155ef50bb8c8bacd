import {
  accounts,
  earned,
  type Fact,
  type NodeId,
  type Outcome,
  type Purpose,
  type Signer,
} from '@nexapod/specs'
import { balanceOf, ownerOf } from '../fold/state.ts'
import type { Chance } from './chance.ts'
import type { Run, Unit, Unsettled, Winner, Work } from './proposal.ts'
import type { Side } from './side.ts'
import { accountOf, outcomeOf, transfer } from './world.ts'

const fuel = 1_000_000_000_000

/** Receipts of a unit that are shown, and the one whose result is to be accepted. */
interface Shown {
  readonly work: Work
  readonly unit: Unit
  readonly shown: readonly Run[]
  readonly base: Run
}

/** The facts that accept a unit, whom it pays, and what is held from then on. */
interface Accepted {
  readonly facts: readonly Fact[]
  readonly winners: readonly Winner[]
  readonly wrong: boolean
  readonly held: readonly Unsettled[]
}

/** Accepts a unit, perhaps with an audit; undefined where it cannot be paid, or the referee won. */
export function accept(side: Side, chance: Chance, given: Shown): Accepted | undefined {
  const { work, unit, shown, base } = given
  const owner = ({ node }: { node: Signer }) => {
    return accountOf(ownerOf(side.state, node.id as NodeId, side.time))
  }
  const referee = chance.likely(50) ? shown.find((run) => owner(run) !== owner(base)) : undefined
  const voters = shown.filter((run) => run !== referee)
  const agreeing = voters.filter((run) => {
    return run.flavour === base.flavour || (!work.exact && chance.likely(50))
  })
  agreeing.sort((a, b) => a.slot - b.slot)
  const winners: Winner[] = []
  for (const { slot, epoch, fence, node } of agreeing) {
    const own = owner({ node })
    if (!winners.some((one) => one.owner === own)) winners.push({ slot, epoch, fence, owner: own })
  }
  if (referee !== undefined && winners.some((one) => one.owner === owner(referee))) return undefined
  const held = heldFor(work, unit, winners)
  const from = sourceOf(work)
  const due = held.reduce((sum, { micro }) => sum + micro, 0)
  if (from !== accounts.mint && balanceOf(side.state, from) < due) return undefined
  const of = { job: work.id, unit: unit.number }
  const outcome = outcomeFor(work, unit, base.flavour)
  const decided = { type: 'accepted' as const, outcome, agreeing: agreeing.map((run) => run.slot) }
  const facts: Fact[] = [
    { type: 'verdict', ...of, decided, receipts: voters.map((run) => run.signed) },
  ]
  const equal = referee?.flavour === base.flavour
  const agrees = equal || (!work.exact && chance.likely(50))
  if (referee !== undefined) facts.push({ type: 'audit', ...of, receipt: referee.signed, agrees })
  for (const { purpose, slot, micro } of held) {
    facts.push(transfer(purpose, from, accounts.hold(work.id, unit.number, slot), micro))
  }
  return { facts, winners, wrong: referee !== undefined && !agrees, held }
}

/** What a unit gave: the same for the same flavour. */
export function outcomeFor({ id, kind }: Work, { number }: Unit, flavour: number): Outcome {
  return outcomeOf(id, number, kind === 'wasm' ? fuel : undefined, flavour)
}

/** Whether a job pays by the time that its executions take. */
export function isMetered({ kind, job }: Work): boolean {
  return kind === 'docker' && job.budgetMicro !== undefined
}

/** Where the credit of a job comes from. */
export function sourceOf({ id, job }: Work) {
  return job.budgetMicro === undefined ? accounts.mint : accounts.escrow(id)
}

function heldFor(work: Work, unit: Unit, winners: readonly Winner[]): Unsettled[] {
  if (isMetered(work)) return []
  const micro = work.kind === 'docker' ? work.price : earned(fuel, work)
  return winners.map(({ slot }) => {
    const purpose: Purpose = { type: 'earn', job: work.id, unit: unit.number, slot }
    return { purpose, lease: undefined, unit, slot, micro }
  })
}
