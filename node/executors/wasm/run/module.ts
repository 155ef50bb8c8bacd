import { prepare } from '@nexapod/specs/wasm'
import type { Module } from './run.ts'
import type { Failed } from './task.ts'

/** A module as it runs, or why the machine has none; what it says of the module is the log's. */
export type Admitted =
  | { readonly module: Module; readonly refusal?: string }
  | { readonly failed: Failed['reason'] }

/**
 * Checks, rewrites and compiles a module. What the profile refuses is refused everywhere; what the
 * engine cannot compile is a failure of this machine.
 */
export function admit(bytes: Uint8Array, memoryBytesMax: number): Admitted {
  const prepared = prepare(bytes, memoryBytesMax)
  if (!prepared.ok) {
    const { code, at = '', detail = '' } = prepared.refusal
    return { module: 'refused', refusal: `${code} ${at} ${detail}` }
  }
  try {
    const compiled = new WebAssembly.Module(prepared.value.bytes as Uint8Array<ArrayBuffer>)
    return { module: { compiled, imports: prepared.value.imports } }
  } catch (cause) {
    if (cause instanceof RangeError) return { failed: 'memory' }
    if (cause instanceof WebAssembly.CompileError) return { failed: 'unavailable' }
    throw cause
  }
}
