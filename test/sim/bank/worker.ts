import { parentPort, workerData } from 'node:worker_threads'
import { breakRule } from '../mutate/breaking.ts'
import type { Control } from './controls.ts'

/** What one thread runs: each `step`th seed from `first` on, until so much was asked. */
export interface Share {
  readonly first: number
  readonly step: number
  readonly attempts: number
  readonly control?: Control
}

const { first, step, attempts, control } = workerData as Share
if (control !== undefined) breakRule(control.name, control.rule, control.edits)
// Not before: what is loaded is loaded with the mistake.
const { attemptsOfWorld, runWorld } = await import('./outcome.ts')
for (let seed = first, asked = 0; asked < attempts; seed += step) {
  const outcome = runWorld(seed, Math.min(attemptsOfWorld, attempts - asked))
  asked += outcome.attempts
  parentPort?.postMessage(outcome)
  if (outcome.failure !== undefined) break
}
