import type { Lease } from '@nexapod/specs'
import type { JobBook, Live, NodeBook, Unit } from './book.ts'
import { closeJob } from './closing.ts'
import { cancelLease, hold, isLater, longestMs } from './leases.ts'
import { meter } from './meter.ts'
import { canPay } from './reserve.ts'
import type { Turn } from './turn.ts'
import { heldOf, unitAt } from './units.ts'

/**
 * Takes up a lease again that a node holds: from before a restart, or from before it was silent for
 * too long. False if its place was given away, or its time is over.
 */
export function adopt(turn: Turn, node: NodeBook, book: JobBook, lease: Lease): boolean {
  const { state, at, time } = turn
  const { slot, epoch, fence, issued } = lease
  const begunAt = at - Math.max(0, time - issued)
  if (begunAt + longestMs(book) <= at) return false
  const begun = book.units.get(lease.unit)
  const again = begun && [...begun.leases].find((live) => live.node === node)
  if (begun !== undefined && !isFree(turn, node, begun, { lease, again })) return false
  const intervals = meteredOf(turn, book, lease)
  if (intervals === undefined) return false
  // It was given the unit once more before it could show this lease: it goes on with what it began.
  if (again !== undefined) cancelLease(turn, again)
  const unit = begun ?? unitAt(book, lease.unit)
  state.toRule.add(unit)
  if (!canPay(state, unit)) return false
  // Whether it was a referee is not known any more; then it is a vote like any other.
  const live = hold(turn, node, { unit, slot, epoch, fence, begunAt, intervals, referee: false })
  if (!meter(turn, live)) closeJob(turn, book, 'starved')
  return true
}

/** Whether nobody has the slot, and neither owner nor network of a node has another part in it. */
function isFree(
  turn: Turn,
  node: NodeBook,
  unit: Unit,
  { lease, again }: { readonly lease: Lease; readonly again: Live | undefined },
): boolean {
  if (unit.stage === 'decided') return false
  const held = heldOf(turn, unit, again)
  if (held.includes(node.owner) || held.includes(node.network)) return false
  return ![...unit.ballots, ...unit.leases].some(({ slot }) => slot === lease.slot)
}

/** Intervals that a lease was metered; none if a later lease of its slot was since. */
function meteredOf({ state }: Turn, { id }: JobBook, lease: Lease): Live['intervals'] | undefined {
  const row = state.ledger.state.units.get(id, lease.unit)
  const last = row?.metered.find(({ slot }) => slot === lease.slot)
  if (last === undefined || isLater(lease, last)) return 0
  return isLater(last, lease) ? undefined : last.intervals
}
