import {
  accounts,
  type CoordinatorId,
  earned,
  type Fact,
  type NodeId,
  type Outcome,
  type OwnerId,
  type Purpose,
} from '@nexapod/specs'
import { isMember } from '../chain/governance.ts'
import { balanceOf, ownerOf } from '../fold/state.ts'
import type { Chance } from './chance.ts'
import type { Run, Unit, Unsettled, Vote, Work } from './proposal.ts'
import type { Side } from './side.ts'
import { accepted, outcomeOf, transfer } from './world.ts'

const fuel = 1_000_000_000_000

/** Where a unit is decided, by chance, and who was banned there. */
interface Court {
  readonly side: Side
  readonly chance: Chance
  readonly banned: ReadonlySet<OwnerId>
}

/** The facts that accept a unit, its votes from then on, what is held more, and who is banned. */
interface Acceptance {
  readonly facts: readonly Fact[]
  readonly votes: readonly Vote[]
  readonly held: readonly Unsettled[]
  readonly banned: readonly OwnerId[]
}

/** Accepts a unit by all its votes and what is shown; undefined where it cannot be, or be paid. */
export function accept(
  court: Court,
  work: Work,
  unit: Unit,
  shown: readonly Run[],
): Acceptance | undefined {
  const { side, chance } = court
  const votes = [...unit.votes, ...shown.map((run) => voteOf(side, run))]
  votes.sort((a, b) => a.slot - b.slot)
  const base = chance.one(votes)
  if (base === undefined) return undefined
  const agreeing = votes.filter((vote) => {
    return vote.flavour === base.flavour || (!work.exact && chance.likely(50))
  })
  const referees = votes.filter((vote) => vote.referee || chance.likely(40))
  const wrong = votes.filter((vote) => !agreeing.includes(vote))
  const banned = bannedOf(court, agreeing, referees, wrong)
  const winners = winnersOf(court, agreeing, banned)
  if (winners.length === 0) return undefined
  const struck = wrong.filter((vote) => !banned.includes(vote) && chance.likely(60))
  const held = heldFor(work, unit, winners)
  const from = sourceOf(work)
  const due = held.reduce((sum, { micro }) => sum + micro, 0)
  if (from !== accounts.mint && balanceOf(side.state, from) < due) return undefined
  const named = {
    // Who was a referee before need not be named again.
    referees: slotsOf(referees.filter((vote) => !vote.referee || chance.likely(50))),
    struck: slotsOf(struck),
    banned: slotsOf(banned),
  }
  const outcome = outcomeFor(work, unit, base.flavour)
  const facts: Fact[] = [
    {
      ...{ type: 'verdict', job: work.id, unit: unit.number },
      decided: accepted(outcome, slotsOf(agreeing), named),
      receipts: shown.map((run) => run.signed),
    },
    ...held.map(({ purpose, slot, micro }) => {
      return transfer(purpose, from, accounts.hold(work.id, unit.number, slot), micro)
    }),
  ]
  const judged = votes.map((vote) => {
    return { ...vote, referee: referees.includes(vote), wins: winners.includes(vote) }
  })
  return { facts, votes: judged, held, banned: banned.map(({ owner }) => owner) }
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

/** Whether an owner is of the roster: no other node of a history comes to a hundred passes. */
export function isTrusted({ governance }: Side, owner: OwnerId): boolean {
  return isMember(governance, owner as string as CoordinatorId)
}

function voteOf({ state, time }: Side, run: Run): Vote {
  const owner = ownerOf(state, run.node.id as NodeId, time)
  return { ...run, owner, referee: false, wins: false }
}

/** Who can be banned, as chance has it: nobody without a referee and a member who are right. */
function bannedOf(
  court: Court,
  agreeing: readonly Vote[],
  referees: readonly Vote[],
  wrong: readonly Vote[],
): Vote[] {
  const { side, chance } = court
  if (!agreeing.some((vote) => referees.includes(vote))) return []
  const banned = wrong.filter((vote) => {
    const shared = wrong.some((one) => one.flavour === vote.flavour && one.owner !== vote.owner)
    return shared && !isTrusted(side, vote.owner) && chance.likely(70)
  })
  const winners = winnersOf(court, agreeing, banned)
  return winners.some(({ owner }) => isTrusted(side, owner)) ? banned : []
}

function winnersOf({ banned }: Court, agreeing: readonly Vote[], more: readonly Vote[]): Vote[] {
  return agreeing.filter(({ owner }, i) => {
    const lowest = agreeing.findIndex((one) => one.owner === owner) === i
    return lowest && !banned.has(owner) && !more.some((one) => one.owner === owner)
  })
}

/** What is held more for the winners of a unit: nothing for whom something is held already. */
function heldFor(work: Work, unit: Unit, winners: readonly Vote[]): Unsettled[] {
  if (isMetered(work)) return []
  const micro = work.kind === 'docker' ? work.price : earned(fuel, work)
  return winners.flatMap(({ slot }) => {
    if (work.unsettled.some((one) => one.unit === unit && one.slot === slot)) return []
    const purpose: Purpose = { type: 'earn', job: work.id, unit: unit.number, slot }
    return { purpose, lease: undefined, unit, slot, micro }
  })
}

function slotsOf(votes: readonly Vote[]): number[] {
  return votes.map(({ slot }) => slot)
}
