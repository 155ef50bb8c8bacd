import { assemble, type FunctionText } from '../../specs/examples/wasm-module.ts'

/** A module that calls itself until the stack ends, in frames of one kind. */
export interface Frames {
  readonly name: string
  readonly module: Uint8Array
}

/** Frames that are larger than they look, each in its way. */
export function frames(): Frames[] {
  return [
    of('that are empty', [{ type: ':', code: 'call 0' }]),
    of('of locals', [kept(1000)]),
    of('of operands', [{ type: ':', code: `${'i64.const 1 '.repeat(500)} call 0 ${drop(500)}` }]),
    of('of parameters', [
      { type: ':', code: `${'i64.const 1 '.repeat(900)} call 1` },
      { type: `${'I'.repeat(900)}:`, code: `${each(900, (i) => `local.get ${i}`)} call 1` },
    ]),
    of('of values that are computed twice, and kept by the optimiser', [chain(10_000)]),
    of('of functions that are inlined', [
      { type: ':', code: `${each(10, (i) => `call ${i + 1}`)} call 0` },
      ...Array.from({ length: 10 }, () => kept(10)),
    ]),
  ]
}

function of(name: string, functions: readonly FunctionText[]): Frames {
  return { name, module: assemble({ globals: [['i!', 'i32.const 1']], functions }) }
}

function each(count: number, write: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => write(i)).join(' ')
}

function drop(count: number): string {
  return 'drop '.repeat(count)
}

/** Locals that are loaded before the call and stored behind it. */
function kept(count: number): FunctionText {
  const loads = each(count, (i) => `i32.const ${i * 8} i64.load local.set ${i}`)
  const stores = each(count, (i) => `i32.const ${i * 8} local.get ${i} i64.store`)
  return { type: ':', locals: 'I'.repeat(count), code: `${loads} call 0 ${stores}` }
}

/** The same values before and behind the call: to compute them once keeps all of them. */
function chain(count: number): FunctionText {
  const before = `i32.const 0 global.get 0 local.tee 0 ${'i32.popcnt '.repeat(count)} i32.store`
  const again = 'local.get 0 i32.popcnt local.tee 0 i32.xor '.repeat(count)
  const behind = `i32.const 0 i32.const 0 ${again} i32.store`
  return { type: ':', locals: 'i', code: `${before} call 0 ${behind}` }
}
