import { balanceOf } from '@nexapod/ledger'
import { accounts } from '@nexapod/specs'
import type { JobBook, Unit } from './book.ts'
import { rowOf } from './jobs.ts'
import { executionPrice, reservedFor } from './prices.ts'
import type { State } from './state.ts'
import { executionsFor } from './terms.ts'

/** Sets aside what a unit may still cost its job, after anything of it has changed. */
export function reserve(state: State, unit: Unit): void {
  const { job } = unit
  // What volunteers are paid for comes from the mint.
  if (job.job.budgetMicro === undefined) return
  const reserved = costOf(state, unit, partsOf(unit))
  job.reserved += reserved - unit.reserved
  unit.reserved = reserved
  // What waits for that can be paid now, or waits for nothing any more.
  if (job.unpaid.size > 0) state.ending.add(job)
}

/** Whether there is enough for one more execution of a unit, and for all that a fresh one needs. */
export function canReserve(state: State, unit: Unit): boolean {
  const more = costOf(state, unit, partsOf(unit) + 1) - unit.reserved
  return more <= 0 || more <= escrowOf(state, unit.job) - unit.job.reserved
}

/** Whether a job can pay one more execution of a unit: modules to the end, containers at first. */
export function canPay(state: State, unit: Unit): boolean {
  const row = rowOf(state, unit.job)
  if (!row.funded || row.executor.type === 'wasm') return canReserve(state, unit)
  return executionPrice(row, unit.job.job) <= escrowOf(state, unit.job)
}

function partsOf({ ballots, leases }: Unit): number {
  return ballots.length + leases.size
}

/** What a unit costs at most with so many executions: those that hold credit have their share. */
function costOf(state: State, unit: Unit, parts: number): number {
  if (unit.stage === 'decided' || parts === 0) return 0
  const price = reservedFor(rowOf(state, unit.job), unit.job.job)
  if (price === 0) return 0
  return price * (Math.max(executionsFor(state, unit), parts) - holdingOf(state, unit))
}

function holdingOf({ ledger }: State, { job, number, ballots, rounds }: Unit): number {
  if (rounds === 0) return 0
  return ballots.filter(({ slot }) => {
    return balanceOf(ledger.state, accounts.hold(job.id, number, slot)) > 0
  }).length
}

function escrowOf({ ledger }: State, { id }: JobBook): number {
  return balanceOf(ledger.state, accounts.escrow(id))
}
