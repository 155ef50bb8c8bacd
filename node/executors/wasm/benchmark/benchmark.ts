import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Pool } from '../pool/pool.ts'
import { answerOf, benchmarkTask, known } from './known.ts'

/** The module of the benchmark, beside its source. */
export const kernelPath = fileURLToPath(new URL('./kernel.wasm', import.meta.url))

/** Passes of some hundredths of a second of a core: one may fall on a busy moment, not all. */
const passes = 3
/** A core that takes longer than this for a pass is of no use to anybody. */
const passMsMax = 60_000

/**
 * Fuel that a core of this machine burns in a second, in the pool as any unit does: the best of
 * some passes, since a busy moment can only make it look slower. Undefined where a pass fails or
 * gives another answer than the known one: such a machine computes wrongly.
 */
export async function measureFuel(pool: Pool, signal: AbortSignal): Promise<number | undefined> {
  const kernel = await readFile(kernelPath)
  let best = 0
  for (let pass = 0; pass < passes; pass++) {
    const returned = await pool.run(benchmarkTask(known.rounds), {
      key: `benchmark ${pass}`,
      deadlineMs: passMsMax,
      signal,
      onLog: () => undefined,
      module: async () => new Uint8Array(kernel),
    })
    if (returned.type === 'failed') return undefined
    const { ran, cpuMs } = returned
    if (ran.fuel !== known.fuel || answerOf(ran) !== known.answer) return undefined
    best = Math.max(best, (1000 * ran.fuel) / Math.max(1, cpuMs))
  }
  return Math.round(best)
}
