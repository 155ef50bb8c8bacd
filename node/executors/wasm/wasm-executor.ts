import { type Cid, limits } from '@nexapod/specs'
import type { Capability, Content, Executed, Executor, OnLog, UnitSpec } from '../executor.ts'
import { measureFuel } from './benchmark/benchmark.ts'
import { Pool } from './pool/pool.ts'
import { taskOf } from './run/task-of.ts'

/** The revision of the deterministic profile that this executor runs modules under. */
const profile = 1

/** The room that a module has: it is one file. */
const moduleRoom = {
  bytesMax: limits.wasmModuleBytesMax,
  filesMax: limits.wasmInputFilesMax,
} as const

/** Runs modules in child processes, at most so many at one time; behind all others, if asked to. */
export function openWasmExecutor(cores: number, content: Content, isBehind = false): Executor {
  const pool = new Pool(cores)
  return {
    kind: 'wasm',
    async probe(signal: AbortSignal): Promise<Capability | undefined> {
      const fuelPerSecond = await measureFuel(pool, signal)
      // Not before: on a busy machine that would take too long.
      if (isBehind) pool.standBehind()
      return fuelPerSecond === undefined ? undefined : { type: 'wasm', profile, fuelPerSecond }
    },
    async run(unit: UnitSpec, signal: AbortSignal, onLog: OnLog): Promise<Executed> {
      const task = await taskOf(unit, content)
      if (task === undefined) return { type: 'failed', reason: 'unavailable' }
      const returned = await pool.run(task, {
        key: unit.key,
        ...(unit.lane === undefined ? {} : { lane: unit.lane }),
        deadlineMs: unit.job.resources.unitMs,
        signal,
        onLog,
        module: (name) => content.file(name as Cid, moduleRoom),
      })
      if (returned.type === 'failed') return returned
      const { ran } = returned
      const { ended, fuel, outputs, ramBytesPeak } = ran
      // What stood still for long may have taken longer than a document can say.
      const wallMs = Math.min(Math.round(returned.wallMs), limits.unitMsMax)
      const cpuMs = Math.min(Math.round(returned.cpuMs), limits.unitMsMax)
      return { type: 'ran', ended, fuel, outputs, remarks: { wallMs, cpuMs, ramBytesPeak } }
    },
    freeze: (key) => pool.freeze(key),
    thaw: (key) => pool.thaw(key),
    pace: (cpuPercent) => pool.pace(cpuPercent),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}
