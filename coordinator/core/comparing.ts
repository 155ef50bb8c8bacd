import type { Outcome } from '@nexapod/specs'
import type { Ballot, JobBook, Unit } from './book.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/**
 * Finds out what a ballot says. Equal results say the same; of others the shell finds out, unless
 * the job compares bytes. One is compared at a time, so that what is the same stays the same.
 */
export function compareBallot(turn: Turn, unit: Unit, ballot: Ballot): void {
  const { job, ballots } = unit
  const known = ballots.filter(({ says }) => says !== undefined)
  const equal = known.find(({ result }) => result === ballot.result)
  const others = representatives(
    unit,
    known.filter(({ failed }) => failed === ballot.failed),
  )
  if (equal !== undefined) ballot.says = equal.says
  else if (isExact(job) || ballot.failed || others.length === 0) ballot.says = ballot.result
  else if (ballots.find(({ says }) => says === undefined) === ballot) {
    ask(turn, unit, ballot, others)
  }
}

/** The shell says which result a ballot agrees with, if with any. */
export function compared(turn: Turn, unit: Unit, slot: number, as: number | undefined): void {
  const ballot = unit.ballots.find((one) => one.slot === slot)
  if (ballot === undefined || ballot.says !== undefined) return
  const same = unit.ballots.find((one) => one.slot === as)
  ballot.says = same?.says ?? ballot.result
  compareRest(turn, unit)
  turn.state.toRule.add(unit)
}

/** Asks again for all that a restart has left open. */
export function compareAgain(turn: Turn, { jobs }: State): void {
  for (const { units } of jobs.values()) {
    for (const unit of units.values()) compareRest(turn, unit)
  }
}

/** What can be told of those that waited is told, and the shell is asked about the first. */
function compareRest(turn: Turn, unit: Unit): void {
  for (const ballot of unit.ballots) {
    if (ballot.says === undefined) compareBallot(turn, unit, ballot)
  }
}

function isExact({ job }: JobBook): boolean {
  return job.compare.every(({ type }) => type === 'ignore')
}

interface Representative {
  readonly slot: number
  readonly outcome: Outcome
}

/** One ballot of each kind of result, with what it gave. */
function representatives(unit: Unit, ballots: readonly Ballot[]): Representative[] {
  const kinds = new Map<string, Representative>()
  for (const { slot, says, outcome = says === unit.says ? unit.outcome : undefined } of ballots) {
    if (says !== undefined && outcome && !kinds.has(says)) kinds.set(says, { slot, outcome })
  }
  return [...kinds.values()]
}

function ask(turn: Turn, unit: Unit, ballot: Ballot, others: readonly Representative[]): void {
  const { job, number } = unit
  const { slot, outcome } = ballot
  if (outcome === undefined) return
  turn.act({
    type: 'compare',
    id: job.id,
    job: job.job,
    unit: number,
    slot,
    outcome,
    with: others,
  })
}
