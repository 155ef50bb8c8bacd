/** The types of values, as they are written in a module; 0 stands for none. */
export const valueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const

/** An opcode above this is one of the second page, which the byte 0xfc begins. */
export const secondPage = 0x100

/** What a value is said to be in the table below: i i32, I i64, f f32, F f64. */
const letters: Readonly<Record<string, number>> = {
  i: valueType.i32,
  I: valueType.i64,
  f: valueType.f32,
  F: valueType.f64,
}

/** The letter of a type; nothing for 0. */
export function letterOf(type: number): string {
  return Object.keys(letters).find((letter) => letters[letter] === type) ?? ''
}

/**
 * Every instruction that takes and gives values and does nothing else but read and write memory:
 * first opcode, last, what it takes and gives, its weight.
 */
const plain: readonly (readonly [from: number, to: number, types: string, weight: number])[] = [
  [0x28, 0x28, 'i:i', 1], // loads
  [0x29, 0x29, 'i:I', 1],
  [0x2a, 0x2a, 'i:f', 1],
  [0x2b, 0x2b, 'i:F', 1],
  [0x2c, 0x2f, 'i:i', 1],
  [0x30, 0x35, 'i:I', 1],
  [0x36, 0x36, 'ii:', 1], // stores
  [0x37, 0x37, 'iI:', 1],
  [0x38, 0x38, 'if:', 1],
  [0x39, 0x39, 'iF:', 1],
  [0x3a, 0x3b, 'ii:', 1],
  [0x3c, 0x3e, 'iI:', 1],
  [0x45, 0x45, 'i:i', 1], // comparisons
  [0x46, 0x4f, 'ii:i', 1],
  [0x50, 0x50, 'I:i', 1],
  [0x51, 0x5a, 'II:i', 1],
  [0x5b, 0x60, 'ff:i', 3],
  [0x61, 0x66, 'FF:i', 3],
  [0x67, 0x69, 'i:i', 1], // arithmetic of i32: clz, ctz, popcnt; add, sub, mul; division; the rest
  [0x6a, 0x6c, 'ii:i', 1],
  [0x6d, 0x70, 'ii:i', 6],
  [0x71, 0x78, 'ii:i', 1],
  [0x79, 0x7b, 'I:I', 1], // of i64
  [0x7c, 0x7e, 'II:I', 1],
  [0x7f, 0x82, 'II:I', 6],
  [0x83, 0x8a, 'II:I', 1],
  [0x8b, 0x90, 'f:f', 2], // of f32: abs, neg, rounding; sqrt; add, sub, mul; div; the rest
  [0x91, 0x91, 'f:f', 6],
  [0x92, 0x94, 'ff:f', 2],
  [0x95, 0x95, 'ff:f', 6],
  [0x96, 0x98, 'ff:f', 2],
  [0x99, 0x9e, 'F:F', 2], // of f64
  [0x9f, 0x9f, 'F:F', 6],
  [0xa0, 0xa2, 'FF:F', 2],
  [0xa3, 0xa3, 'FF:F', 6],
  [0xa4, 0xa6, 'FF:F', 2],
  [0xa7, 0xa7, 'I:i', 1], // conversions
  [0xa8, 0xa9, 'f:i', 4],
  [0xaa, 0xab, 'F:i', 4],
  [0xac, 0xad, 'i:I', 1],
  [0xae, 0xaf, 'f:I', 4],
  [0xb0, 0xb1, 'F:I', 4],
  [0xb2, 0xb3, 'i:f', 4],
  [0xb4, 0xb5, 'I:f', 4],
  [0xb6, 0xb6, 'F:f', 4],
  [0xb7, 0xb8, 'i:F', 4],
  [0xb9, 0xba, 'I:F', 4],
  [0xbb, 0xbb, 'f:F', 4],
  [0xbc, 0xbc, 'f:i', 1], // reinterpretations
  [0xbd, 0xbd, 'F:I', 1],
  [0xbe, 0xbe, 'i:f', 1],
  [0xbf, 0xbf, 'I:F', 1],
  [0xc0, 0xc1, 'i:i', 1], // extension of signs
  [0xc2, 0xc4, 'I:I', 1],
  [0x100, 0x101, 'f:i', 4], // truncation that saturates
  [0x102, 0x103, 'F:i', 4],
  [0x104, 0x105, 'f:I', 4],
  [0x106, 0x107, 'F:I', 4],
]

/** The weights of the instructions that are not in the table. Those not named here weigh 0. */
export const weight = {
  /** `br`, `br_if`, `br_table`, `if`, `return`, `select`, `memory.size`, and globals. */
  step: 1,
  /** `call`, `call_indirect`. */
  call: 5,
  /** `memory.copy`, `.fill`, `.init`, and one more for each 8 bytes, 2 to this power. */
  bulk: 10,
  bulkBytesShift: 3,
  /** `memory.grow`, and so much more for each page. */
  grow: 10,
  growPage: 8192,
} as const

/**
 * A function without loop and call, of no more cost and slots than these, is neither checked nor
 * counted as nested: what it does before the next check is as bounded as it is itself.
 */
export const small = { cost: 1000, slots: 256 } as const

/**
 * What a frame is counted as, in slots of 8 bytes: so many, one for each parameter, one for each
 * parameter and local, one for each operand at the peak, and one for so many bytes of the body.
 */
export const frame = { slots: 12, bodyBytesEach: 16 } as const

/** Alignments, as powers of two, that loads and stores from 0x28 to 0x3e may claim at most. */
const alignments = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2]

const size = secondPage + 8

/** Whether an opcode is in the table. */
export const isPlain = new Uint8Array(size)
/** The first operand's type, or 0. */
export const first = new Uint8Array(size)
/** The second operand's type, or 0. */
export const second = new Uint8Array(size)
/** The result's type, or 0. */
export const given = new Uint8Array(size)
/** The weight. */
export const weights = new Uint8Array(size)
/** The greatest alignment of a load or store, plus one; 0 for what is neither. */
export const alignment = new Uint8Array(size)

for (const [from, to, types, each] of plain) {
  const [takes = '', gives = ''] = types.split(':')
  for (let op = from; op <= to; op++) {
    isPlain[op] = 1
    first[op] = letters[takes[0] ?? ''] ?? 0
    second[op] = letters[takes[1] ?? ''] ?? 0
    given[op] = letters[gives] ?? 0
    weights[op] = each
  }
}
for (const [i, most] of alignments.entries()) alignment[0x28 + i] = most + 1

/** Stores, reinterpretations and the sign that copysign takes: here the bits of a NaN are seen. */
export function observes(op: number): boolean {
  return op === 0x38 || op === 0x39 || op === 0x98 || op === 0xa6 || op === 0xbc || op === 0xbd
}

/** A float that was loaded, is constant or made of an integer: no arithmetic chose its bits. */
export function hasPlainBits(op: number): boolean {
  if (op === 0x2a || op === 0x2b || op === 0x43 || op === 0x44) return true
  if (op < 0xb2 || op > 0xbf) return false
  return op !== 0xb6 && op !== 0xbb && op !== 0xbc && op !== 0xbd
}
