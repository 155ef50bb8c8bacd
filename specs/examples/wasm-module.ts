import { type Bytes, code, u32 } from './wasm-code.ts'

/** A function of a module: `ii:i` are its parameters and its result, its locals are letters too. */
export interface FunctionText {
  readonly type: string
  readonly locals?: string
  /** Its instructions, the last `end` left out. */
  readonly code: string
}

/** A module in parts; what is left out is not there. Raw bytes of a section take its place. */
export interface ModuleText {
  readonly imports?: readonly (readonly [module: string, name: string, type: string])[]
  readonly functions: readonly FunctionText[]
  /** Further types, for `call_indirect`: they come first. */
  readonly types?: readonly string[]
  readonly table?: Bytes
  readonly memory?: Bytes
  /** `i` or `i!` for a variable, and the value as an instruction. */
  readonly globals?: readonly (readonly [type: string, value: string])[]
  readonly exports?: readonly (readonly [name: string, kind: number, index: number])[]
  readonly elements?: readonly (readonly [offset: number, functions: readonly number[]])[]
  /** Bytes at an offset; passive ones without. */
  readonly data?: readonly (readonly [offset: number | undefined, bytes: Bytes])[]
  readonly dataCount?: number
  /** Sections in place of those above, or further ones, by number. */
  readonly raw?: Readonly<Record<number, Bytes>>
}

const letters: Readonly<Record<string, number>> = { i: 0x7f, I: 0x7e, f: 0x7d, F: 0x7c }

/** Where host functions are imported from. */
export const host = 'wasi_snapshot_preview1'

/** A module of one function. */
export function one(text: string, locals = ''): ModuleText {
  return { functions: [{ type: ':', locals, code: text }] }
}

/** One page of memory that may grow to four. */
export const fourPages: Bytes = [1, 1, 4]

/** The exports that every module must have, when `_start` is the function of this index. */
export function usual(start = 0): NonNullable<ModuleText['exports']> {
  return [
    ['memory', 2, 0],
    ['_start', 0, start],
  ]
}

/** The bytes of a module. */
export function assemble(text: ModuleText): Uint8Array {
  const { imports = [], functions, globals = [], exports = usual(imports.length) } = text
  const types = [
    ...new Set([
      ...(text.types ?? []),
      ...imports.map(([, , type]) => type),
      ...functions.map(({ type }) => type),
    ]),
  ]
  const sections = new Map<number, Bytes>()
  const put = (id: number, items: readonly Bytes[]) => {
    if (items.length > 0) sections.set(id, list(items))
  }
  put(1, types.map(typeBytes))
  put(
    2,
    imports.map(([from, name, type]) => [
      ...nameBytes(from),
      ...nameBytes(name),
      0,
      ...u32(types.indexOf(type)),
    ]),
  )
  put(
    3,
    functions.map(({ type }) => u32(types.indexOf(type))),
  )
  if (text.table !== undefined) put(4, [[0x70, ...text.table]])
  put(5, [text.memory ?? fourPages])
  put(
    6,
    globals.map(([type, value]) => [
      letters[type[0] as string] as number,
      type.endsWith('!') ? 1 : 0,
      ...code(value),
      0x0b,
    ]),
  )
  put(
    7,
    exports.map(([name, kind, index]) => [...nameBytes(name), kind, ...u32(index)]),
  )
  put(
    9,
    (text.elements ?? []).map(([offset, indices]) => [
      0,
      ...code(`i32.const ${offset}`),
      0x0b,
      ...list(indices.map(u32)),
    ]),
  )
  put(10, functions.map(body))
  if (text.dataCount !== undefined) sections.set(12, u32(text.dataCount))
  put(
    11,
    (text.data ?? []).map(([offset, bytes]) => [
      ...(offset === undefined ? [1] : [0, ...code(`i32.const ${offset}`), 0x0b]),
      ...u32(bytes.length),
      ...bytes,
    ]),
  )
  for (const [id, bytes] of Object.entries(text.raw ?? {})) sections.set(Number(id), bytes)
  return joined(sections)
}

/** The place of sections in a module. */
const order = [0, 1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

function joined(sections: ReadonlyMap<number, Bytes>): Uint8Array {
  const out: number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const rank = (id: number) => (order.includes(id) ? order.indexOf(id) : order.length)
  const ids = [...sections.keys()].sort((a, b) => rank(a) - rank(b))
  for (const id of ids) {
    const bytes = sections.get(id) as Bytes
    out.push(id, ...u32(bytes.length))
    for (const byte of bytes) out.push(byte)
  }
  return Uint8Array.from(out)
}

function body({ locals = '', code: text }: FunctionText): Bytes {
  const groups = [...locals].map((letter) => [1, letters[letter] as number])
  const content = [...list(groups), ...code(text), 0x0b]
  return [...u32(content.length), ...content]
}

function typeBytes(type: string): Bytes {
  const [parameters = '', results = ''] = type.split(':')
  const named = (text: string) => [
    ...u32(text.length),
    ...[...text].map((each) => letters[each] as number),
  ]
  return [0x60, ...named(parameters), ...named(results)]
}

/** A list with its length in front. */
export function list(items: readonly Bytes[]): Bytes {
  return [...u32(items.length), ...items.flat()]
}

/** A name with its length in front. */
export function nameBytes(name: string): Bytes {
  const bytes = new TextEncoder().encode(name)
  return [...u32(bytes.length), ...bytes]
}
