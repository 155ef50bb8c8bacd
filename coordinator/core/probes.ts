import { limits } from '@nexapod/specs'
import type { Ballot, Kind, Live, NodeBook, Unit } from './book.ts'
import { isOwn, standingOf } from './people.ts'
import type { State, Trial } from './state.ts'
import type { Turn } from './turn.ts'
import { freeSlot, isDecided, unitAt } from './units.ts'

/** Probes that a node may fail before it is left alone until it comes again. */
const failedMax = 3

/** Whether a node has to be tried with a unit of which the answer is known, before any other. */
export function isUntried(state: State, node: NodeBook): boolean {
  const { probes } = state
  if (probes === undefined || node.lending === undefined) return false
  const { id, kind, count, closing } = probes.book
  if (state.jobs.get(id) !== probes.book || closing !== undefined) return false
  const offers = node.lending.offer.executors.some(({ type }) => type === kind)
  if (!offers || isVerified(state, node, kind)) return false
  return waitsForProbe(state, node) || probes.next < Math.min(count, limits.sweepUnitsMax)
}

/** The unit with a known answer that a new node is tried with first, if there is need of one. */
export function probeFor(state: State, node: NodeBook) {
  const { probes } = state
  if (probes === undefined || !isUntried(state, node)) return undefined
  if (waitsForProbe(state, node)) return 'waits'
  const unit = nextProbe(state, probes)
  const slot = unit && freeSlot(state, unit)
  return unit === undefined || slot === undefined ? undefined : { unit, slot, referee: false }
}

/** The next unit of which nobody has brought anything: after a restart some are out of the row. */
function nextProbe(state: State, probes: Trial): Unit | undefined {
  const { book } = probes
  while (probes.next < book.count) {
    const number = probes.next++
    if (!book.units.has(number) && !isDecided(state, book, number)) return unitAt(book, number)
  }
  return undefined
}

/** Whether a node is tried at this moment, or was wrong so often that it is left alone. */
function waitsForProbe({ probes }: State, { leases, failedProbes }: NodeBook): boolean {
  return failedProbes >= failedMax || [...leases].some(({ unit }) => unit.job === probes?.book)
}

/** Whether a node has shown that it computes what it is given. */
function isVerified(state: State, { id, owner, verified }: NodeBook, kind: Kind): boolean {
  return verified.has(kind) || isOwn(state, owner) || standingOf(state, id, kind).passes > 0
}

/** Whether a ballot on a unit with a known answer is right; undefined for any other unit. */
export function isKnownRight(
  { probes }: State,
  { job, number }: Unit,
  { result }: Ballot,
): boolean | undefined {
  return probes?.book === job ? probes.result(number) === result : undefined
}

/** A probe that was right shows that its node can compute, and how fast. */
export function takeProbe({ state, at }: Turn, node: NodeBook, live: Live, ballot: Ballot): void {
  const right = isKnownRight(state, live.unit, ballot)
  if (right === undefined) return
  if (!right) {
    node.failedProbes++
    return
  }
  node.verified.add(live.unit.job.kind)
  const seconds = Math.max(1, at - live.begunAt) / 1000
  node.speed = (ballot.outcome?.fuel ?? 0) / seconds
  state.changed.add(node.id)
}
