import { createHash } from 'node:crypto'
import { ended, exported, hostModule } from '../../specs/wasm/face.ts'
import type { Ran } from './interpreter.ts'

/** A run as two runs are compared: what is not known before the memory is. */
export interface Told {
  readonly ended: Ran['ended']
  readonly fuel: string
  readonly memory: string
}

interface Cells {
  readonly [exported.memory]: WebAssembly.Memory
  readonly [exported.start]: () => void
  readonly [exported.fuel]: WebAssembly.Global<'i64'>
  readonly [exported.ended]: WebAssembly.Global<'i32'>
}

/** Thrown by the host function that ends a run. */
export class Exit extends Error {}

/** Runs a prepared module as the profile says, with this much fuel. */
export function runPrepared(
  compiled: WebAssembly.Module,
  limit: bigint,
  host: Readonly<Record<string, WebAssembly.ImportValue>> = {},
): Told {
  const instance = new WebAssembly.Instance(compiled, { [hostModule]: host })
  const cells = instance.exports as unknown as Cells
  const fuel = cells[exported.fuel]
  const why = cells[exported.ended]
  fuel.value = limit
  let told: Ran['ended'] = 'exit'
  try {
    cells[exported.start]()
  } catch (cause) {
    if (why.value === ended.stackLimit) told = 'stack-limit'
    else if (why.value === ended.noMemory) throw cause
    else if (!(cause instanceof Exit)) told = trapOf(cause)
  }
  const isOut = fuel.value < 0n
  if (why.value === ended.outOfFuel && !isOut) throw new Error(`stopped with ${fuel.value} left`)
  return {
    ended: isOut ? 'out-of-fuel' : told,
    fuel: String(isOut ? limit : limit - fuel.value),
    memory: digestOf(new Uint8Array(cells[exported.memory].buffer)),
  }
}

/** Runs a module as it is. */
export function runBare(bytes: Uint8Array): { ended: Ran['ended']; memory: string } {
  const compiled = new WebAssembly.Module(bytes as BufferSource)
  const instance = new WebAssembly.Instance(compiled, {})
  const cells = instance.exports as unknown as Cells
  let told: Ran['ended'] = 'exit'
  try {
    cells[exported.start]()
  } catch (cause) {
    told = trapOf(cause)
  }
  return { ended: told, memory: digestOf(new Uint8Array(cells[exported.memory].buffer)) }
}

function trapOf(cause: unknown): 'trap' {
  if (cause instanceof WebAssembly.RuntimeError) return 'trap'
  throw cause
}

/** The digest of a memory. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
