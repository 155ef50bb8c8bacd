import type { Cursor } from './cursor.ts'
import { valueType } from './opcodes.ts'
import type { Shape } from './shape.ts'

const { i32, i64, f32, f64 } = valueType
const noValue = 0x40

/** Reads the type of a value. Vectors and references are parts that are left out. */
export function readValueType(cursor: Cursor): number {
  const at = cursor.at
  const type = cursor.byte()
  if (type === i32 || type === i64 || type === f32 || type === f64) return type
  if (type === 0x7b || (type >= 0x63 && type <= 0x74)) cursor.feature('a value of another kind', at)
  return cursor.malformed('no type of a value', at)
}

/** Reads what a construct gives: the type of a value, or 0. */
export function readBlockType(cursor: Cursor): number {
  const at = cursor.at
  const byte = cursor.byte()
  if (byte === noValue) return 0
  if (byte < noValue || byte > 0x7f) cursor.feature('a block of a type by its number', at)
  cursor.at = at
  return readValueType(cursor)
}

/** Reads what follows the opcode of a constant; gives its type, or 0 if it is none. */
export function readConstant(cursor: Cursor, op: number): number {
  switch (op) {
    case 0x41:
      cursor.s32()
      return i32
    case 0x42:
      cursor.s64()
      return i64
    case 0x43:
      cursor.skip(4)
      return f32
    case 0x44:
      cursor.skip(8)
      return f64
    default:
      return 0
  }
}

/** Reads the alignment, a power of two of at most this, and the offset of a load or store. */
export function readMemoryArgument(cursor: Cursor, most: number): void {
  const at = cursor.at
  const align = cursor.u32()
  if (align > 31) cursor.feature('a memory by its number', at)
  if (align > most) cursor.malformed('an alignment beyond the natural one', at)
  cursor.u32()
}

/** Reads the number of a global; gives what it is. */
export function readGlobal(cursor: Cursor, shape: Shape): Shape['globals'][number] {
  const at = cursor.at
  return shape.globals[cursor.u32()] ?? cursor.malformed('there is no such global', at)
}

/** Reads the number of a memory, of which there is one. */
export function readMemoryIndex(cursor: Cursor): void {
  const at = cursor.at
  if (cursor.byte() !== 0) cursor.feature('a second memory', at)
}

/** Reads an opcode; that of the page 0xfc lies behind all others. */
export function readOpcode(cursor: Cursor, secondPage: number, last: number): number {
  const at = cursor.at
  const op = cursor.byte()
  if (op !== 0xfc) return op
  const page = cursor.u32()
  if (page > last) cursor.feature(`the instruction 0xfc ${page}`, at)
  return secondPage + page
}
