import { parentPort, workerData } from 'node:worker_threads'
import { breakRule } from './breaking.ts'
import type { Mutation } from './mutation.ts'

/** What one thread runs: seeds from 1 until one is red, of a house with a mistake in it. */
export interface Task {
  readonly mutation: Mutation | undefined
  readonly seeds: number
}

/** What it says after each seed: what was wrong in it, if anything. */
export interface Told {
  readonly seed: number
  readonly what?: string
}

const { mutation, seeds } = workerData as Task
if (mutation !== undefined) breakRule(mutation.name, mutation.rule, [mutation])
// Not before: what is loaded is loaded with the mistake.
const { runWorld } = await import('../mesh/outcome.ts')
for (let seed = 1; seed <= seeds; seed++) {
  const { failure } = runWorld(seed)
  const told: Told = { seed, ...(failure === undefined ? {} : { what: failure.what }) }
  parentPort?.postMessage(told)
  if (failure !== undefined) break
}
