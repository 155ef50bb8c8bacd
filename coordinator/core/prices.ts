import type { JobRow } from '@nexapod/ledger'
import { earned, type Job, metered } from '@nexapod/specs'

/** What must be there for one more execution of a funded job: all its fuel, or one interval. */
export function executionPrice({ executor }: JobRow, { resources }: Job): number {
  if (executor.type === 'wasm') return earned(resources.fuel, executor)
  return metered(executor.priceMicro, executor.unitMs, 0)
}

/** What is set aside for an execution: of modules alone; time is paid as it passes. */
export function reservedFor(row: JobRow, job: Job): number {
  return row.funded && row.executor.type === 'wasm' ? executionPrice(row, job) : 0
}
