import { availableParallelism } from 'node:os'
import { openWasmExecutor } from '@nexapod/node'
import { columns, print } from '../desk.ts'
import { exits } from '../trouble.ts'
import type { Verb } from '../verb.ts'

const probeMs = 120_000

/** Nothing is read: the module of the benchmark comes with the executor. */
const nothing = { file: async () => undefined, directory: async () => undefined }

interface Rate {
  readonly profile: number
  readonly cores: number
  readonly fuelPerSecond: number
}

/** What this machine computes, by a module whose answer and fuel are known. */
export const benchmark: Verb = async (given, desk) => {
  const alone = await rateOf(1, desk.signal)
  const cores = availableParallelism()
  const together = cores === 1 ? alone : await rateOf(cores, desk.signal)
  if (alone === undefined || together === undefined) {
    desk.signal.throwIfAborted()
    return {
      exit: exits.error,
      what: 'This machine computes wrongly, or far too slowly.',
      why: 'a module whose answer is known gave another, or none in time',
      next: 'nexapod node doctor, and a look at its memory and its cooling',
    }
  }
  const rates = cores === 1 ? [alone] : [alone, together]
  const rows = rates.map(({ profile, cores: some, fuelPerSecond }) => {
    const each = fuelPerSecond / some
    return [`wasm ${profile}`, `${some}`, millions(fuelPerSecond), millions(each), 'right']
  })
  const heads = ['PROFILE', 'CORES', 'FUEL/S', 'EACH', 'ANSWERS']
  await print(desk, given.form, { rates }, columns([heads, ...rows]))
  return undefined
}

/** The fuel that so many cores burn in a second of theirs, all at one time. */
async function rateOf(cores: number, signal: AbortSignal): Promise<Rate | undefined> {
  await using release = new AsyncDisposableStack()
  const within = AbortSignal.any([signal, AbortSignal.timeout(probeMs)])
  const executors = Array.from({ length: cores }, () => release.use(openWasmExecutor(1, nothing)))
  const found = await Promise.all(executors.map((executor) => executor.probe(within)))
  let fuelPerSecond = 0
  let profile = 0
  for (const one of found) {
    if (one?.type !== 'wasm') return undefined
    fuelPerSecond += one.fuelPerSecond
    profile = one.profile
  }
  return { profile, cores, fuelPerSecond }
}

function millions(fuel: number): string {
  return `${Math.round(fuel / 1e6)} M`
}
