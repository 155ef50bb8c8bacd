import { registerHooks } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { type Mutation, mutated } from './mutation.ts'

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
if (mutation !== undefined) mutate(mutation)
// Not before: what is loaded is loaded with the mistake.
const { runWorld } = await import('../mesh/outcome.ts')
for (let seed = 1; seed <= seeds; seed++) {
  const { failure } = runWorld(seed)
  const told: Told = { seed, ...(failure === undefined ? {} : { what: failure.what }) }
  parentPort?.postMessage(told)
  if (failure !== undefined) break
}

/** Has a file loaded with a mistake in it, in this thread alone: nothing is written anywhere. */
function mutate(mutation: Mutation): void {
  const file = new URL(`../../../${mutation.file}`, import.meta.url).href
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (url !== file) return loaded
      const source = new TextDecoder().decode(loaded.source as Uint8Array)
      return { ...loaded, source: mutated(source, mutation) }
    },
  })
}
