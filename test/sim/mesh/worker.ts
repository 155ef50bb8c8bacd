import { parentPort, workerData } from 'node:worker_threads'
import { runWorld } from './outcome.ts'
import type { Told } from './profile.ts'

/** The seeds that one thread runs. */
export interface Share {
  readonly first: number
  readonly end: number
  readonly step: number
  readonly told: Told
}

const { first, end, step, told } = workerData as Share
for (let seed = first; seed < end; seed += step) parentPort?.postMessage(runWorld(seed, told))
