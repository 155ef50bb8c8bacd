import { digestOf, type Told } from '../../specs/emit/wasm-run.ts'
import { exported } from '../../specs/wasm/face.ts'

/** Runs a module as it is, without fuel. */
export function runBare(bytes: Uint8Array): Omit<Told, 'fuel'> {
  const compiled = new WebAssembly.Module(bytes as BufferSource)
  const cells = new WebAssembly.Instance(compiled, {}).exports as unknown as {
    readonly [exported.memory]: WebAssembly.Memory
    readonly [exported.start]: () => void
  }
  const memory = cells[exported.memory]
  try {
    cells[exported.start]()
  } catch (cause) {
    if (!(cause instanceof WebAssembly.RuntimeError)) throw cause
    return { ended: 'trap', memory: digestOf(memory) }
  }
  return { ended: 'exit', memory: digestOf(memory) }
}
