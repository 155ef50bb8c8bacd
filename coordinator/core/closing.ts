import type { Closing, JobBook } from './book.ts'
import { dequeue, rowOf } from './jobs.ts'
import { cancelLease } from './leases.ts'
import type { Turn } from './turn.ts'

/** A job was cancelled: nothing of it runs from now on, and who delivered is told step by step. */
export function cancelJob(turn: Turn, book: JobBook): void {
  if (book.closing === undefined) dequeue(turn, book)
  book.closing = cancelled(book)
  for (const unit of book.units.values()) {
    for (const live of [...unit.leases]) cancelLease(turn, live)
  }
  turn.state.ending.add(book)
}

/** How a job stands that was cancelled: each unit of which something is known is yet to be told. */
export function cancelled({ count, units }: JobBook): Closing {
  return { why: 'cancelled', next: count, begun: units.values() }
}

/** A job goes on with no further unit: what is undecided is given up, some of it in each step. */
export function closeJob(turn: Turn, book: JobBook, why: Closing['why']): void {
  const { state } = turn
  if (book.closing !== undefined) return
  book.closing = { why, next: book.begun }
  dequeue(turn, book)
  state.ending.add(book)
  if (why === 'starved') turn.tell({ type: 'starved', job: book.id })
  // What modules cost that run is set aside; the time of containers is not.
  const paid = why === 'starved' && rowOf(state, book).executor.type === 'wasm'
  for (const unit of book.units.values()) {
    if (unit.stage === 'decided') continue
    if (!paid) for (const live of [...unit.leases]) cancelLease(turn, live)
    if (unit.leases.size === 0) state.toRule.add(unit)
  }
}
