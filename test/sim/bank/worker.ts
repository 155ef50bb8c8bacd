import { registerHooks } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { mutated } from '../mutate/mutation.ts'
import type { Control } from './controls.ts'

/** What one thread runs: each `step`th seed from `first` on, until so much was asked. */
export interface Share {
  readonly first: number
  readonly step: number
  readonly attempts: number
  readonly control?: Control
}

const { first, step, attempts, control } = workerData as Share
if (control !== undefined) breakRule(control)
// Not before: what is loaded is loaded with the mistake.
const { attemptsOfWorld, runWorld } = await import('./outcome.ts')
for (let seed = first, asked = 0; asked < attempts; seed += step) {
  const outcome = runWorld(seed, Math.min(attemptsOfWorld, attempts - asked))
  asked += outcome.attempts
  parentPort?.postMessage(outcome)
  if (outcome.failure !== undefined) break
}

/** Has files loaded with a mistake in them, in this thread alone. */
function breakRule({ name, rule, edits }: Control): void {
  const root = new URL('../../../', import.meta.url)
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const here = edits.filter(({ file }) => new URL(file, root).href === url)
      if (here.length === 0) return loaded
      let source = new TextDecoder().decode(loaded.source as Uint8Array)
      for (const edit of here) source = mutated(source, { name, rule, ...edit })
      return { ...loaded, source }
    },
  })
}
