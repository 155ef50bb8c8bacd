import { Worker } from 'node:worker_threads'
import type { Control } from './controls.ts'
import type { Outcome } from './outcome.ts'
import type { Share } from './worker.ts'

/** What many worlds came to. */
export interface Sum {
  worlds: number
  attempts: number
  seals: number
  reads: number
  readonly answers: Map<string, number>
  readonly failures: { readonly seed: number; readonly what: string }[]
}

/** Lets so many questions be asked, in worlds of a seed and those after it, until one is red. */
export async function run(
  { seed, attempts, threads }: { seed: number; attempts: number; threads: number },
  control?: Control,
  onWorld: (sum: Sum) => void = () => {},
): Promise<Sum> {
  const sum: Sum = {
    ...{ worlds: 0, attempts: 0, seals: 0, reads: 0 },
    ...{ answers: new Map(), failures: [] },
  }
  const shares = Array.from({ length: threads }, (_, i): Share => {
    const part = Math.ceil(attempts / threads)
    const named = control === undefined ? {} : { control }
    return { first: seed + i, step: threads, attempts: part, ...named }
  })
  await Promise.all(
    shares.map((share) => {
      return work(share, (outcome) => {
        add(sum, outcome)
        onWorld(sum)
      })
    }),
  )
  return sum
}

async function work(share: Share, heard: (outcome: Outcome) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  worker.on('message', heard)
  worker.once('error', reject)
  worker.once('exit', () => resolve())
  await promise
}

function add(sum: Sum, { seed, attempts, seals, reads, answers, failure }: Outcome): void {
  sum.worlds++
  sum.attempts += attempts
  sum.seals += seals
  sum.reads += reads
  for (const [what, count] of answers) sum.answers.set(what, (sum.answers.get(what) ?? 0) + count)
  if (failure !== undefined) sum.failures.push({ seed, what: failure })
}
