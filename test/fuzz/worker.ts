import { parentPort, workerData } from 'node:worker_threads'
import { roundsOf } from './round.ts'
import { targets } from './target.ts'

/** The share of one thread: every so many rounds from the first on, up to the last. */
export interface Share {
  readonly seed: number
  readonly first: number
  readonly end: number
  readonly step: number
}

const { seed, first, end, step } = workerData as Share
const run = roundsOf(targets, seed)
for (let round = first; round < end; round += step) parentPort?.postMessage(run(round))
