import type { JobRow } from '@nexapod/ledger'
import { type Job, type JobId, limits, type Signed, units } from '@nexapod/specs'
import type { JobBook, Unit } from './book.ts'
import { dataOf } from './match/data.ts'
import { needsOf } from './match/needs.ts'
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
    unpaid: new Set(),
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
  book.undue = state.timers.addFor(at + (deadline - time), { type: 'deadline', job: book })
}

/** Takes a job out again, with all that it wants. */
export function dequeue({ state, at }: Turn, { id, data }: JobBook): void {
  state.queue.end(id, at)
  state.data.remove(id, data)
}

/** What the ledger knows of a job. */
export function rowOf({ ledger }: State, { id }: JobBook): JobRow {
  const row = ledger.state.jobs.get(id)
  if (row === undefined) throw new Error(`the ledger does not know the job ${id}`)
  return row
}

/** A unit of which a job cannot pay another execution waits until something is released. */
export function park({ state, at }: Turn, unit: Unit): void {
  const { job, number } = unit
  if (job.unpaid.size === 0) state.queue.pause(job.id, true, at)
  job.unpaid.add(unit)
  state.queue.need(job.id, number, [], [], at)
  state.ending.add(job)
}

/** All that waited can be paid, and further units can be begun. */
export function unpark({ state, at }: Turn, { id }: JobBook): void {
  state.queue.pause(id, false, at)
  state.fresh = true
}

/** A unit was begun that may be further on than all before. */
export function noteBegun(book: JobBook, unit: number): void {
  book.begun = Math.min(Math.max(book.begun, unit + 1), limits.sweepUnitsMax)
}
