import { isDone } from '@nexapod/ledger'
import { type Execution, type Lease, leaseDocument, reopen, type Signed } from '@nexapod/specs'
import { adopt } from './adopt.ts'
import type { NodeBook } from './book.ts'
import { tellDecided } from './covered.ts'
import { isGivenTo, liveOf, prolong } from './leases.ts'
import type { Turn } from './turn.ts'
import { noteLate } from './units.ts'

/** A node shows leases that it holds, or whose receipts it keeps: each is answered as it stands. */
export function show(turn: Turn, node: NodeBook, leases: readonly Signed<Lease>[]): void {
  const lost: Execution[] = []
  for (const signed of leases) {
    const read = reopen(leaseDocument, signed)
    // Those of other chains are for others to answer.
    if (!read.ok || read.value.chain !== turn.state.chain) continue
    const lease = read.value
    const { job, unit, slot, epoch, fence } = lease
    const execution = { job, unit, slot, epoch, fence }
    const live = liveOf(turn.state, node, lease)
    const isGiven = isGivenTo(turn.state, node, live, lease, signed)
    if (!isGiven || !answer(turn, node, lease, execution)) lost.push(execution)
  }
  if (lost.length > 0) turn.say(node, { type: 'cancel', executions: lost })
}

/** Whether a lease is good for anything yet: it holds again, was delivered, or was decided. */
function answer(turn: Turn, node: NodeBook, lease: Lease, execution: Execution): boolean {
  const { state, at } = turn
  const live = liveOf(state, node, execution)
  if (live !== undefined) {
    prolong(live, at)
    return true
  }
  const { job: id, unit: number, slot, epoch, fence } = execution
  const book = state.jobs.get(id)
  const row = state.ledger.state.jobs.get(id)
  if (row === undefined || number >= row.units) return false
  const unit = book?.units.get(number)
  if (book === undefined || (unit === undefined && isDone(state.ledger.state, id, number))) {
    tellDecided(turn, node, execution, turn.size - 1)
    return true
  }
  const ballot = unit?.ballots.find((one) => one.slot === slot)
  if (unit !== undefined && ballot?.epoch === epoch && ballot.fence === fence) {
    if (ballot.receipt === undefined) tellDecided(turn, node, execution, unit.seq)
    return true
  }
  if (unit?.stage === 'decided') tellDecided(turn, node, execution, unit.seq)
  else if (row.cancelled) tellDecided(turn, node, execution, turn.size - 1)
  else if (book.closing === undefined && adopt(turn, node, book, lease)) return true
  // It may be a receipt that was promised an answer before: then it is told the verdict.
  else if (unit !== undefined) noteLate(unit, node.id, execution)
  return false
}
