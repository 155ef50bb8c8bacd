/** What a module is made of: bytes, given one by one or as parts. */
export type Bytes = readonly number[]

const types: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c }

/** The instructions without an immediate, from an opcode on, in the order of their numbers. */
const runs: readonly (readonly [from: number, names: string])[] = [
  [0x00, 'unreachable nop'],
  [0x05, 'else'],
  [0x0b, 'end'],
  [0x0f, 'return'],
  [0x1a, 'drop select'],
  [0x45, 'i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s'],
  [0x4f, 'i32.ge_u i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u'],
  [0x59, 'i64.ge_s i64.ge_u f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt'],
  [0x64, 'f64.gt f64.le f64.ge i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s'],
  [0x6e, 'i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u'],
  [0x77, 'i32.rotl i32.rotr i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s'],
  [0x80, 'i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u'],
  [0x89, 'i64.rotl i64.rotr f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt'],
  [0x92, 'f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign f64.abs f64.neg f64.ceil'],
  [0x9c, 'f64.floor f64.trunc f64.nearest f64.sqrt f64.add f64.sub f64.mul f64.div f64.min'],
  [0xa5, 'f64.max f64.copysign i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s'],
  [0xab, 'i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u'],
  [0xb0, 'i64.trunc_f64_s i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s'],
  [0xb5, 'f32.convert_i64_u f32.demote_f64 f64.convert_i32_s f64.convert_i32_u'],
  [0xb9, 'f64.convert_i64_s f64.convert_i64_u f64.promote_f32 i32.reinterpret_f32'],
  [0xbd, 'i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.extend8_s'],
  [0xc1, 'i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s'],
]

/** Loads and stores from 0x28 on, and the power of two that each is aligned by. */
const memory =
  'i32.load/2 i64.load/3 f32.load/2 f64.load/3 i32.load8_s/0 i32.load8_u/0 i32.load16_s/1 ' +
  'i32.load16_u/1 i64.load8_s/0 i64.load8_u/0 i64.load16_s/1 i64.load16_u/1 i64.load32_s/2 ' +
  'i64.load32_u/2 i32.store/2 i64.store/3 f32.store/2 f64.store/3 i32.store8/0 i32.store16/1 ' +
  'i64.store8/0 i64.store16/1 i64.store32/2'

/** Instructions with so many indices as immediates. */
const indexed: Readonly<Record<string, readonly [opcode: number, indices: number]>> = {
  br: [0x0c, 1],
  br_if: [0x0d, 1],
  call: [0x10, 1],
  call_indirect: [0x11, 2],
  'local.get': [0x20, 1],
  'local.set': [0x21, 1],
  'local.tee': [0x22, 1],
  'global.get': [0x23, 1],
  'global.set': [0x24, 1],
  'memory.size': [0x3f, 1],
  'memory.grow': [0x40, 1],
}

/** Instructions of the page 0xfc, and how many indices they have. */
const paged =
  'i32.trunc_sat_f32_s/0 i32.trunc_sat_f32_u/0 i32.trunc_sat_f64_s/0 i32.trunc_sat_f64_u/0 ' +
  'i64.trunc_sat_f32_s/0 i64.trunc_sat_f32_u/0 i64.trunc_sat_f64_s/0 i64.trunc_sat_f64_u/0 ' +
  'memory.init/2 data.drop/1 memory.copy/2 memory.fill/1'

const constructs: Readonly<Record<string, number>> = { block: 0x02, loop: 0x03, if: 0x04 }

interface Form {
  readonly opcode: Bytes
  readonly indices: number
  readonly align?: number
}

const forms = new Map<string, Form>()
for (const [from, names] of runs) {
  for (const [i, name] of names.split(' ').entries()) {
    forms.set(name, { opcode: [from + i], indices: 0 })
  }
}
for (const [i, each] of memory.split(' ').entries()) {
  const [name = '', align] = each.split('/')
  forms.set(name, { opcode: [0x28 + i], indices: 0, align: Number(align) })
}
for (const [i, each] of paged.split(' ').entries()) {
  const [name = '', indices] = each.split('/')
  forms.set(name, { opcode: [0xfc, i], indices: Number(indices) })
}
for (const [name, [opcode, indices]] of Object.entries(indexed)) {
  forms.set(name, { opcode: [opcode], indices })
}

/** The name of an instruction that has no index, by its opcode; of the page 0xfc from 256 on. */
export const names: ReadonlyMap<number, string> = new Map(
  Array.from(forms, ([name, { opcode }]) => [
    opcode[1] === undefined ? (opcode[0] as number) : 256 + opcode[1],
    name,
  ]),
)

/**
 * The bytes of instructions in a text like that of WebAssembly, flat and without names: `block i32`
 * for a result, `i32.load +8` for an offset, `br_table 0 1 2`, `0x..` for a byte as it is.
 */
export function code(text: string): Bytes {
  // The next word is the last: to take it from there costs nothing.
  const words = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .reverse()
  const out: number[] = []
  while (words.length > 0) instruction(words, out)
  return out
}

function instruction(words: string[], out: number[]): void {
  const name = words.pop() as string
  const form = forms.get(name)
  const isNumber = () => /^\d+$/.test(words.at(-1) ?? '')
  if (/^0x[0-9a-f]{2}$/.test(name)) out.push(Number(name))
  else if (constructs[name] !== undefined) {
    out.push(constructs[name], types[words.at(-1) ?? ''] ?? 0x40)
    if (types[words.at(-1) ?? ''] !== undefined) words.pop()
  } else if (name === 'br_table') {
    const labels: number[] = []
    while (isNumber()) labels.push(Number(words.pop()))
    out.push(0x0e, ...u32(labels.length - 1), ...labels.flatMap(u32))
  } else if (name.endsWith('.const')) out.push(...constant(name, words.pop() as string))
  else if (form === undefined) throw new Error(`there is no instruction ${name}`)
  else {
    out.push(...form.opcode)
    for (let i = 0; i < form.indices; i++) {
      // What has one memory or table only may leave its number out.
      out.push(...u32(isNumber() ? Number(words.pop()) : 0))
    }
    if (form.align === undefined) return
    out.push(form.align, ...u32(words.at(-1)?.startsWith('+') ? Number(words.pop()) : 0))
  }
}

function constant(name: string, value: string): Bytes {
  if (name === 'i32.const') return [0x41, ...signed(BigInt(Number(value) | 0))]
  if (name === 'i64.const') return [0x42, ...signed(BigInt.asIntN(64, BigInt(value)))]
  if (name === 'f32.const') return [0x43, ...floatBytes(4, value)]
  return [0x44, ...floatBytes(8, value)]
}

/** A number, or the bits of one after `bits:`. */
function floatBytes(size: 4 | 8, value: string): Bytes {
  const view = new DataView(new ArrayBuffer(size))
  if (value.startsWith('bits:')) {
    const bits = BigInt(value.slice(5))
    if (size === 4) view.setUint32(0, Number(bits), true)
    else view.setBigUint64(0, bits, true)
  } else if (size === 4) view.setFloat32(0, Number(value), true)
  else view.setFloat64(0, Number(value), true)
  return [...new Uint8Array(view.buffer)]
}

/** An unsigned number. */
export function u32(value: number): Bytes {
  const out: number[] = []
  let rest = value
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  out.push(rest)
  return out
}

/** A signed number. */
function signed(value: bigint): Bytes {
  const out: number[] = []
  let rest = value
  while (rest > 0x3fn || rest < -0x40n) {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  out.push(Number(rest & 0x7fn))
  return out
}
