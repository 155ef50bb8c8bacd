import { accounts, earned, type Fact, type Outcome, type ResultId, resultId } from '@nexapod/specs'
import { judged } from './accepted.ts'
import { isMetered, openJob, sourceOf } from './jobs.ts'
import type { Learning } from './learning.ts'
import { must } from './rule.ts'
import { balanceOf, type JobRow, type Vote } from './state.ts'
import { keepDecided, type OpenUnit, openUnit, reopened } from './units.ts'
import { openVotes } from './votes.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }
type UnitOf = Pick<Of<'verdict'>, 'job' | 'unit'>

/** A unit was decided. */
export function learnVerdict(learning: Learning, fact: Of<'verdict'>): void {
  const { job: id, unit, decided } = fact
  const job = openJob(learning.state, id)
  must(unit < job.units, 'a unit is one of its job')
  const row = openUnit(learning.state, id, unit)
  const opened = openVotes(learning, row, fact)
  if (decided.type !== 'accepted') {
    decide(learning, fact, job, row, [])
    return
  }
  const result = resultOf(fact, job, decided.outcome)
  const votes = judged(learning, job, decided, result, opened)
  decide(learning, fact, job, row, votes, earning(learning, fact, job, decided.outcome, votes))
}

/** An accepted unit is open again: what it gave is held until the next verdict. */
export function learnReopen({ state, owed }: Learning, { job: id, unit }: Of<'reopen'>): void {
  const job = openJob(state, id)
  must(!job.cancelled, 'a job that is cancelled is decided')
  must(unit < job.units, 'a unit is one of its job')
  const row = reopened(state, id, unit)
  const waits = row.votes.some(({ slot }) => owed.earnings.has(accounts.hold(id, unit, slot)))
  must(!waits, 'what a verdict earns stands before its unit is reopened')
  state.jobs.set(id, { ...job, undecided: job.undecided + 1, accepted: job.accepted - 1 })
  state.units.set(id, unit, row)
}

function resultOf({ job: id, unit }: UnitOf, job: JobRow, outcome: Outcome): ResultId {
  must(outcome.job === id && outcome.unit === unit, 'an outcome is of its unit')
  const counted = job.executor.type === 'wasm'
  must(counted === (outcome.fuel !== undefined), 'fuel is counted of modules, and of them alone')
  return resultId(outcome)
}

function decide(
  { state, entry }: Learning,
  { job: id, unit }: UnitOf,
  job: JobRow,
  row: OpenUnit,
  votes: readonly Vote[],
  earning = 0,
): void {
  state.jobs.set(id, {
    ...job,
    undecided: job.undecided - 1,
    accepted: job.accepted + (votes.length > 0 ? 1 : 0),
    held: job.held + earning,
  })
  keepDecided(state, id, unit, {
    type: 'decided',
    at: entry.time,
    metered: row.metered,
    votes,
    held: row.held + earning,
    closing: false,
  })
}

/** How many winners earn: those for whom nothing is held yet. Each has it in the same entry. */
function earning(
  { state, owed }: Learning,
  { job: id, unit }: UnitOf,
  job: JobRow,
  outcome: Outcome,
  votes: readonly Vote[],
): number {
  const micro = dueOf(job, outcome)
  if (micro === 0) return 0
  const from = sourceOf(id, job)
  const due = { from, micro }
  let many = 0
  for (const { slot, wins } of votes) {
    if (!wins) continue
    const hold = accounts.hold(id, unit, slot)
    if (balanceOf(state, hold) !== 0) continue
    owed.earnings.set(hold, due)
    many++
  }
  return many
}

/** What an accepted unit earns for each of its winners; a metered one has earned already. */
function dueOf(job: JobRow, { fuel = 0 }: Outcome): number {
  if (job.executor.type === 'wasm') return earned(fuel, job.executor)
  return isMetered(job) ? 0 : job.executor.priceMicro
}
