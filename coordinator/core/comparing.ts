import type { Ballot, JobBook, Unit } from './book.ts'
import type { Effect } from './effect.ts'
import type { Event } from './event.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** What all ballots say whose outputs nobody could look at, or that the checker denied. */
const refused = 'refused'

/**
 * Finds out what a ballot says. Equal results say the same; of others the shell finds out, unless
 * the job compares bytes. Of the first, too: it fetches what it will compare the others with, and
 * a checker denies a single result. One is looked at at a time, so that what is the same stays so.
 */
export function compareBallot(turn: Turn, unit: Unit, ballot: Ballot): void {
  const { job, ballots } = unit
  for (const { says, result, failed } of ballots) {
    if (result !== ballot.result || says === undefined || says === refused) continue
    // After a restart it is not known whether the checker denied it: then it is asked again.
    if (failed && !ballot.failed && !isExact(job)) continue
    ballot.says = says
    return
  }
  if (isExact(job) || ballot.failed) ballot.says = ballot.result
  else if (ballots.find(({ says }) => says === undefined) === ballot) {
    const others = ballots.filter(({ says, failed }) => {
      return says !== undefined && says !== refused && !failed
    })
    ask(turn, unit, ballot, representatives(unit, others))
  }
}

/** The shell says which result a ballot agrees with, if with any, or that it is none at all. */
export function compared(turn: Turn, unit: Unit, { slot, as, isRefused }: Compared): void {
  const ballot = unit.ballots.find((one) => one.slot === slot)
  if (ballot === undefined || ballot.says !== undefined) return
  const same = unit.ballots.find((one) => one.slot === as)
  if (isRefused === true) {
    // The checker is a publisher's word: it denies a result, and blames nobody.
    ballot.failed = true
    ballot.says = refused
  } else ballot.says = same?.says ?? ballot.result
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

type Compared = Event & { readonly type: 'compared' }
type Representative = (Effect & { readonly type: 'compare' })['with'][number]

/** One ballot of each kind of result, with what it gave. */
function representatives(unit: Unit, ballots: readonly Ballot[]): Representative[] {
  const kinds = new Map<string, Representative>()
  for (const { slot, says, outcome = says === unit.says ? unit.outcome : undefined } of ballots) {
    if (says === undefined || outcome === undefined || kinds.has(says)) continue
    const nodes = ballots.flatMap((one) => (one.says === says ? [one.node] : []))
    kinds.set(says, { slot, outcome, nodes })
  }
  return [...kinds.values()]
}

function ask(turn: Turn, unit: Unit, ballot: Ballot, others: readonly Representative[]): void {
  const { job, number } = unit
  const { slot, node, outcome } = ballot
  if (outcome === undefined) return
  turn.act({
    type: 'compare',
    id: job.id,
    job: job.job,
    unit: number,
    slot,
    node,
    outcome,
    with: others,
  })
}
