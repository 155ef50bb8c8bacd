import { balanceOf } from '@nexapod/ledger'
import { accounts, type Job, type JobId, limits, type Signed, units } from '@nexapod/specs'
import type { JobBook } from './book.ts'
import { dataOf } from './match/data.ts'
import { needsOf } from './match/needs.ts'
import { executionPrice, type Priced } from './prices.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'
import { noPlatforms } from './verdict/job-platforms.ts'

/** A job as it is admitted: nothing of it was begun. */
export function bookOf(id: JobId, signed: Signed<Job>, job: Job): JobBook {
  const [first] = job.executors
  return {
    ...{ id, signed, job },
    needs: needsOf(job),
    kind: first?.type ?? 'wasm',
    count: units(job).count,
    data: dataOf(job),
    units: new Map(),
    platforms: noPlatforms,
    reserved: 0,
    begun: 0,
    isParked: false,
    excused: new Set(),
    undue: undefined,
    closing: undefined,
  }
}

/** Puts a job among those that nodes are given units of. */
export function enqueue({ state, at, time }: Turn, book: JobBook): void {
  const { id, needs, job, begun: from, count, data } = book
  const { priority } = job
  const deadline = job.deadline === undefined ? {} : { deadline: at + (job.deadline - time) }
  state.queue.admit({ id, needs, priority, units: count, from, ...deadline }, at)
  for (const platform of book.platforms.aside) state.queue.exclude(id, platform, at)
  state.data.add(id, data)
  state.fresh = true
}

/** A job is given up at its deadline, if it has one. */
export function noteDeadline({ state, at, time }: Turn, book: JobBook): void {
  const { deadline } = book.job
  if (deadline === undefined) return
  book.undue = state.timers.add(at + (deadline - time), { type: 'deadline', job: book })
}

/** Takes a job out again, with all that it wants. */
export function dequeue({ state, at }: Turn, { id, data }: JobBook): void {
  state.queue.end(id, at)
  state.data.remove(id, data)
}

/** Whether a funded job can pay one more execution beside those that run; others always can. */
export function canPay(state: State, book: JobBook): boolean {
  const row = rowOf(state, book)
  if (!row.funded) return true
  const escrow = balanceOf(state.ledger.state, accounts.escrow(book.id))
  return escrow - book.reserved >= executionPrice(row, book.job)
}

/** What the ledger knows of a job. */
export function rowOf({ ledger }: State, { id }: JobBook): Priced {
  const row = ledger.state.jobs.get(id)
  if (row === undefined) throw new Error(`the ledger does not know the job ${id}`)
  return row
}

/** A job that cannot pay waits until running executions say what they really cost. */
export function park(turn: Turn, book: JobBook): void {
  if (book.isParked) return
  book.isParked = true
  dequeue(turn, book)
  turn.state.ending.add(book)
}

/** Once nothing runs, a job that was parked goes on, if it can pay now. */
export function unpark(turn: Turn, book: JobBook): void {
  book.isParked = false
  enqueue(turn, book)
  for (const unit of book.units.values()) {
    if (unit.stage === 'open') turn.state.toRule.add(unit)
  }
}

/** A unit was begun that may be further on than all before. */
export function noteBegun(book: JobBook, unit: number): void {
  book.begun = Math.min(Math.max(book.begun, unit + 1), limits.sweepUnitsMax)
}
