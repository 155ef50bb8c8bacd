import { type Output, openWasmExecutor } from '@nexapod/node'
import { jobDocument, jobId, sign, units } from '@nexapod/specs'
import { type Example, publisher } from './job.ts'

/** A unit that ran, and what it left. */
export interface Finished {
  readonly unit: number
  /** What its last program ended with: a code, or the name of another end. */
  readonly end: number | string
  readonly fuel: number
  readonly cpuMs: number
  readonly outputs: readonly Output[]
  readonly log: string
}

/**
 * Runs units of an example as a node does, all if none are named, as many at one time as are
 * wanted. It is said of each when it has ended.
 */
export async function runUnits(
  { job, content }: Example,
  wanted: { readonly cores: number; readonly numbers?: readonly number[] },
  onEnd: (finished: Finished) => void = () => undefined,
): Promise<readonly Finished[]> {
  await using executor = openWasmExecutor(wanted.cores, content)
  const id = jobId(sign(jobDocument, job, publisher))
  const { signal } = new AbortController()
  const { numbers = Array.from(units(job), ({ index }) => index) } = wanted
  const runs = numbers.map(async (unit): Promise<Finished> => {
    let log = ''
    const ran = await executor.run({ key: `${unit}`, id, job, unit }, signal, (_, bytes) => {
      log += Buffer.from(bytes).toString()
    })
    if (ran.type === 'failed') throw new Error(`this machine failed unit ${unit}: ${ran.reason}`)
    const { ended, fuel = 0, outputs, remarks } = ran
    const end = ended.type === 'exit' ? ended.code : ended.type
    const finished = { unit, end, fuel, cpuMs: remarks.cpuMs, outputs, log }
    onEnd(finished)
    return finished
  })
  return await Promise.all(runs)
}
