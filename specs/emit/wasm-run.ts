import { sha256 } from '../bytes/digest.ts'
import { toHex } from '../bytes/text.ts'
import { ended, exported, hostFuel, hostModule } from '../wasm/face.ts'

/** How a run ended, what it used, and the digest of what is in its memory. */
export interface Told {
  readonly ended: 'exit' | 'trap' | 'out-of-fuel' | 'stack-limit'
  readonly fuel: string
  readonly memory: string
}

interface Cells {
  readonly [exported.memory]: WebAssembly.Memory
  readonly [exported.start]: () => void
  readonly [exported.fuel]: WebAssembly.Global<'i64'>
  readonly [exported.ended]: WebAssembly.Global<'i32'>
}

/** Thrown by `proc_exit`. */
class Exit extends Error {}

/**
 * Runs a prepared module as the profile says. Of the host there are `proc_exit`, and `sched_yield`,
 * which does nothing but pay.
 */
export function runPrepared(compiled: WebAssembly.Module, limit: bigint): Told {
  const host = {
    proc_exit: () => {
      pay(cells)
      throw new Exit()
    },
    sched_yield: () => {
      pay(cells)
      return 0
    },
  }
  const instance = new WebAssembly.Instance(compiled, { [hostModule]: host })
  const cells = instance.exports as unknown as Cells
  const fuel = cells[exported.fuel]
  fuel.value = limit
  const told = endingOf(cells)
  const isOut = fuel.value < 0n
  return {
    ended: isOut ? 'out-of-fuel' : told,
    fuel: String(isOut ? limit : limit - fuel.value),
    memory: digestOf(cells[exported.memory]),
  }
}

function endingOf(cells: Cells): Told['ended'] {
  try {
    cells[exported.start]()
    return 'exit'
  } catch (cause) {
    if (cause instanceof Exit) return 'exit'
    const why = cells[exported.ended].value
    if (why === ended.stackLimit) return 'stack-limit'
    if (why === ended.outOfFuel) return 'out-of-fuel'
    if (why === ended.byItself && cause instanceof WebAssembly.RuntimeError) return 'trap'
    throw cause
  }
}

function pay(cells: Cells): void {
  const fuel = cells[exported.fuel]
  fuel.value -= BigInt(hostFuel.call)
  if (fuel.value >= 0n) return
  cells[exported.ended].value = ended.outOfFuel
  throw new Error('out of fuel')
}

/** The digest of all that is in a memory. */
export function digestOf(memory: WebAssembly.Memory): string {
  return toHex(sha256(new Uint8Array(memory.buffer)))
}
