import { assemble, type ModuleText } from '../../specs/examples/wasm-module.ts'
import { limits } from '../../specs/limits.ts'

/** A module that is allowed and costs much. */
export interface Bomb {
  readonly name: string
  readonly module: Uint8Array
}

/** Modules at the bounds of the profile. */
export function bombs(): Bomb[] {
  const bodies = Math.floor(limits.wasmModuleBytesMax / limits.wasmBodyBytesMax) - 1
  const long = { type: ':', code: longest('i32.const 0 i32.load local.set 0 ', 8), locals: 'i' }
  const one = (name: string, code: string, locals = 'iIfF') =>
    made(name, { functions: [{ type: ':', locals, code }] })
  return [
    made(`${bodies} bodies of the longest kind`, { functions: repeat(bodies, long) }),
    made('functions by their number', {
      functions: repeat(limits.wasmFunctionsMax, { type: ':', code: 'loop br 0 end' }),
    }),
    one('loops behind each other', 'loop local.get 0 br_if 0 end '.repeat(limits.wasmLoopsMax)),
    one('blocks in each other', nested('block', limits.wasmNestingMax)),
    one('loops in each other', nested('loop', limits.wasmLoopNestingMax)),
    one('stores of floats', longest('i32.const 0 local.get 3 f64.store ', 7)),
    one('calls', longest('call 0 ', 2)),
    one('branches', longest('block local.get 0 br_if 0 end ', 7)),
    one('labels', labels()),
    one('locals', longest('local.get 9000 local.set 9001 ', 6), 'I'.repeat(9_990)),
  ]
}

function made(name: string, text: ModuleText): Bomb {
  return { name, module: assemble(text) }
}

function repeat<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item)
}

/** As much of a text as fits a body, each of so many bytes. */
function longest(text: string, bytes: number): string {
  return text.repeat(Math.floor((limits.wasmBodyBytesMax - 64) / bytes))
}

function nested(construct: string, depth: number): string {
  return `${`${construct} `.repeat(depth)} local.get 0 br_if 0 ${'end '.repeat(depth)}`
}

function labels(): string {
  const one = `local.get 0 br_table ${'0 '.repeat(1000)}`
  return one.repeat(250)
}
