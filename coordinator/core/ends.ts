import { balanceOf, isDone, type Work } from '@nexapod/ledger'
import { accounts, type Fact, limits, type OwnerId } from '@nexapod/specs'
import type { Closing, JobBook, Unit } from './book.ts'
import { closeJob } from './closing.ts'
import { dequeue, rowOf, unpark } from './jobs.ts'
import { canPay } from './reserve.ts'
import { jobRow, outcomeRow, receiptRow } from './row.ts'
import { giveUp } from './ruling.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'
import { forgetUnit } from './units.ts'

/** Units that are given up in one step, at most: as many facts as some entries hold. */
const givenUpMax = 4 * limits.entryFactsMax

/** Brings jobs to their end that have nothing left to be done. */
export function settleEnds(turn: Turn): void {
  const { state } = turn
  for (const book of state.ending) {
    if (state.jobs.get(book.id) !== book) {
      state.ending.delete(book)
      continue
    }
    if (book.unpaid.size > 0 && book.closing === undefined) {
      payAgain(turn, book)
      if (book.unpaid.size === 0) unpark(turn, book)
      else if (isStuck(book)) closeJob(turn, book, 'starved')
    }
    const { closing } = book
    if (closing !== undefined) giveUpMore(turn, book, closing)
    const isTold = closing?.begun === undefined || tellCancelled(turn, closing.begun)
    const { undecided, held } = rowOf(state, book)
    const isOver = undecided === 0 || (closing?.begun !== undefined && isTold)
    if (isOver && held === 0) end(turn, book)
    if (isOver || closing === undefined) state.ending.delete(book)
  }
}

/** Looks again for whom of those that wait another execution can be paid now. */
function payAgain({ state }: Turn, { unpaid }: JobBook): void {
  for (const unit of unpaid) {
    if (unit.stage === 'open' && !canPay(state, unit)) continue
    unpaid.delete(unit)
    state.toRule.add(unit)
  }
}

/** Whether all that is set aside is for units that cannot go on: nothing runs or is compared. */
function isStuck({ unpaid, reserved }: JobBook): boolean {
  let stuck = 0
  for (const unit of unpaid) {
    const isCompared = unit.ballots.every(({ says }) => says !== undefined)
    if (unit.leases.size === 0 && isCompared) stuck += unit.reserved
  }
  return stuck === reserved
}

/** Who delivered to a job that was cancelled is told what became of it. Whether that was all. */
function tellCancelled(turn: Turn, units: Iterator<Unit>): boolean {
  for (let i = 0; i < givenUpMax; i++) {
    const { done, value: unit } = units.next()
    if (done === true) return true
    if (unit.stage === 'decided') continue
    if (unit.ballots.length > 0 || unit.meters.length > 0) giveUp(turn, unit, 'cancelled')
    else forgetUnit(turn.state, unit)
  }
  turn.wake(turn.at)
  return false
}

/** Gives up units that nobody began; those that were begun are ruled on as their leases end. */
function giveUpMore(turn: Turn, book: JobBook, closing: Closing): void {
  const facts: Work[] = []
  while (closing.next < book.count && facts.length < givenUpMax) {
    const number = closing.next++
    if (book.units.has(number) || isDone(turn.state.ledger.state, book.id, number)) continue
    facts.push(expired(book, number))
  }
  for (const fact of facts) turn.note([fact])
  const use = turn.state.uses.get(book.job.publisher)
  if (use !== undefined) use.units -= facts.length
  if (closing.next < book.count) turn.wake(turn.at)
}

function expired({ id: job }: JobBook, unit: number): Work {
  return { type: 'verdict', job, unit, decided: { type: 'expired' }, receipts: [] }
}

function end(turn: Turn, book: JobBook): void {
  const { state } = turn
  const { id, job } = book
  const { cancelled, accepted, funded, undecided } = rowOf(state, book)
  const as = cancelled ? 'cancelled' : accepted > 0 ? 'final' : 'dead'
  const escrow = accounts.escrow(id)
  const left = balanceOf(state.ledger.state, escrow)
  const facts: Fact[] = []
  if (funded && left > 0) {
    const to = accounts.owner(job.publisher as string as OwnerId)
    facts.push(transfer({ type: 'refund', job: id }, escrow, to, left))
  }
  turn.write([...facts, { type: 'end', job: id, as }])
  if (book.closing === undefined) dequeue(turn, book)
  book.undue?.()
  for (const unit of [...book.units.values()]) {
    for (const { slot } of unit.ballots) turn.keep(receiptRow(id, unit.number, slot))
    turn.keep(outcomeRow(id, unit.number))
    forgetUnit(state, unit)
  }
  turn.keep(jobRow(id))
  state.jobs.delete(id)
  const use = state.uses.get(job.publisher)
  if (use !== undefined) {
    use.units -= undecided
    if (--use.jobs === 0) state.uses.delete(job.publisher)
  }
  turn.tell({ type: 'ended', job: id, as })
}
