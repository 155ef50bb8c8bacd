import { Worker } from 'node:worker_threads'
import type { Mutation } from './mutation.ts'
import type { Task, Told } from './worker.ts'

/** Who saw what must never be. */
type Seer = 'simulation' | 'ledger' | 'crash' | 'clock'

/** How a run went red: at which seed, who saw it, and what it was. */
export interface Red {
  readonly seed: number
  readonly by: Seer
  readonly what: string
}

/** A world that takes longer than this comes to no end: most take less than a second. */
const worldMsMax = 120_000

/** Runs worlds with a mistake in the house until one is red; undefined if none is. */
export async function run(mutation: Mutation | undefined, seeds: number): Promise<Red | undefined> {
  const workerData: Task = { mutation, seeds }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData })
  const { promise, resolve, reject } = Promise.withResolvers<Red | undefined>()
  let next = 1
  const clock = setTimeout(() => {
    resolve({ seed: next, by: 'clock', what: 'the world comes to no end' })
    void worker.terminate()
  }, worldMsMax)
  worker.on('message', ({ seed, what }: Told) => {
    clock.refresh()
    next = seed + 1
    if (what !== undefined) resolve({ seed, ...seenIn(what) })
  })
  worker.once('error', reject)
  worker.once('exit', () => resolve(undefined))
  try {
    return await promise
  } finally {
    clearTimeout(clock)
  }
}

/** Who saw it, and what it was, by the first line of what was thrown. */
function seenIn(what: string): Pick<Red, 'by' | 'what'> {
  const [first = ''] = what.split('\n')
  // A mutation that is no program shows nothing.
  if (/^(Reference|Syntax)Error/.test(first)) throw new Error(first)
  const [, kind, said = first] = /^(Violation|Error): (.*)$/.exec(first) ?? []
  if (kind === 'Violation') return { by: 'simulation', what: said }
  const broken = /^a coordinator wrote [a-z, ]+: [a-z.]+, (.*)$/.exec(said)?.[1]
  return broken === undefined ? { by: 'crash', what: said } : { by: 'ledger', what: broken }
}
