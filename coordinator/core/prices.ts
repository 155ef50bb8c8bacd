import type { JobRow } from '@nexapod/ledger'
import { earned, type Job, metered, priced, type Rates } from '@nexapod/specs'

/** What must be there for one more execution of a funded job: all its fuel, or one interval. */
export function executionPrice({ executor }: JobRow, { resources }: Job): number {
  if (executor.type === 'wasm') return earned(resources.fuel, executor)
  return metered(executor.priceMicro, executor.unitMs, 0)
}

/** What one execution of a job must find there, if it is admitted under these rates. */
export function firstPrice(job: Job, rates: Rates): number {
  const { executors, resources } = job
  const { unitMs } = resources
  if (executors[0]?.type !== 'docker') return earned(resources.fuel, rates)
  return metered(priced(resources, rates), unitMs, 0)
}

/** What is set aside for an execution: of modules alone; time is paid as it passes. */
export function reservedFor(row: JobRow, job: Job): number {
  return row.funded && row.executor.type === 'wasm' ? executionPrice(row, job) : 0
}
