import type { Body } from './body.ts'
import { edit } from './edits.ts'
import { ended } from './face.ts'
import { small, valueType, weight } from './opcodes.ts'
import type { Writer } from './writer.ts'

/** The indices of what the pass adds to a module. */
export interface Added {
  /** The global that holds the fuel that is left. */
  readonly fuel: number
  /** The global that says why the module stopped itself. */
  readonly ended: number
  /** The global that holds the slots that nested calls may still take. */
  readonly room: number
  /** The function that stands for `memory.grow`. */
  readonly grow: number
}

const empty = 0x40
const canonicalF32 = [0x00, 0x00, 0xc0, 0x7f]
const canonicalF64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]

const op = {
  unreachable: 0x00,
  block: 0x02,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eq: 0x46,
  i32LessSigned: 0x48,
  i32GreaterUnsigned: 0x4b,
  i64LessSigned: 0x53,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32ShiftUnsigned: 0x76,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64FromUnsigned: 0xad,
} as const

/**
 * Writes bodies as the pass changes them. A body that is not small stands in a block, so that every
 * way out leads to where the room is given back. It has the fuel in a local beside the global, so
 * that a loop does not wait for memory, and writes both. Each check traps where it is: with one
 * place for all of them, compilers take the square of the number of loops.
 */
export class Rewriter {
  readonly #from: Uint8Array
  readonly #to: Writer
  readonly #added: Added
  readonly #body: Body
  #isSmall = false
  #fuel = 0
  #length = 0
  #f32 = 0
  #f64 = 0

  constructor(from: Uint8Array, to: Writer, added: Added, body: Body) {
    this.#from = from
    this.#to = to
    this.#added = added
    this.#body = body
  }

  /** Writes the body that was read last. */
  write(end: number, result: number): void {
    const to = this.#to
    const { slots, hasLoop, hasCall, cost } = this.#body
    const place = to.open()
    this.#isSmall = !hasLoop && !hasCall && slots <= small.slots && cost <= small.cost
    this.#locals()
    if (this.#isSmall) {
      this.#code(end)
    } else {
      this.#enter(slots)
      to.op(op.block, result || empty)
      this.#code(end)
      this.#leave(slots)
    }
    to.close(place)
  }

  #locals(): void {
    const to = this.#to
    const { locals, codeAt, hasBulk, hasF32, hasF64 } = this.#body
    const { groups, groupsAt, count } = locals
    const own: number[] = []
    const add = (type: number) => count + own.push(type) - 1
    if (!this.#isSmall) this.#fuel = add(valueType.i64)
    if (hasBulk) this.#length = add(valueType.i32)
    if (hasF32) this.#f32 = add(valueType.f32)
    if (hasF64) this.#f64 = add(valueType.f64)
    to.u32(groups + own.length)
    to.copy(this.#from, groupsAt, codeAt)
    for (const type of own) to.op(1, type)
  }

  /** Pays for the first segment, sees whether it could, and takes room on the stack. */
  #enter(slots: number): void {
    const to = this.#to
    this.#fetch()
    this.#pay(this.#body.edits.argument(0))
    this.#check()
    this.#room(op.i32Sub, slots)
    to.with(op.globalGet, this.#added.room)
    to.op(op.i32Const, 0, op.i32LessSigned)
    writeStopIf(to, this.#added, ended.stackLimit)
  }

  /** Gives the room back. */
  #leave(slots: number): void {
    this.#room(op.i32Add, slots)
    this.#to.byte(op.end)
  }

  #room(change: number, slots: number): void {
    const to = this.#to
    to.with(op.globalGet, this.#added.room)
    to.byte(op.i32Const)
    to.signed(slots)
    to.byte(change)
    to.with(op.globalSet, this.#added.room)
  }

  /** The code with all edits; its last `end` is that of the function, or of the innermost block. */
  #code(end: number): void {
    const { edits, codeAt } = this.#body
    let at = codeAt
    for (let i = 0; i < edits.count; i++) {
      const place = edits.at(i)
      this.#to.copy(this.#from, at, place)
      at = place + edits.bytes(i)
      this.#edit(i, place, at)
    }
    this.#to.copy(this.#from, at, end)
  }

  #edit(i: number, start: number, end: number): void {
    const { edits } = this.#body
    const argument = edits.argument(i)
    switch (edits.kind(i)) {
      case edit.charge:
        if (i > 0 || this.#isSmall) this.#pay(argument)
        return
      case edit.loop:
        this.#pay(argument)
        this.#check()
        return
      case edit.call:
        this.#to.copy(this.#from, start, end)
        this.#fetch()
        return
      case edit.grow:
        this.#to.with(op.call, this.#added.grow)
        this.#fetch()
        return
      case edit.leave:
        if (this.#isSmall) this.#to.byte(op.return)
        else this.#to.with(op.br, edits.depth(i))
        return
      case edit.bulk:
        this.#payForLength()
        break
      default:
        this.#canonical(argument)
    }
    this.#to.copy(this.#from, start, end)
  }

  #pay(cost: number): void {
    if (cost === 0) return
    this.#left()
    this.#to.byte(op.i64Const)
    this.#to.signed(cost)
    this.#take()
  }

  /** A block of memory is paid for by its length, which is on top of the stack. */
  #payForLength(): void {
    const to = this.#to
    to.with(op.localSet, this.#length)
    this.#left()
    to.with(op.localGet, this.#length)
    to.op(op.i32Const, weight.bulkBytesShift, op.i32ShiftUnsigned, op.i64FromUnsigned)
    this.#take()
    to.with(op.localGet, this.#length)
  }

  #left(): void {
    if (this.#isSmall) this.#to.with(op.globalGet, this.#added.fuel)
    else this.#to.with(op.localGet, this.#fuel)
  }

  #take(): void {
    this.#to.byte(op.i64Sub)
    if (!this.#isSmall) this.#to.with(op.localTee, this.#fuel)
    this.#to.with(op.globalSet, this.#added.fuel)
  }

  /** Takes up what a callee left. */
  #fetch(): void {
    this.#to.with(op.globalGet, this.#added.fuel)
    this.#to.with(op.localSet, this.#fuel)
  }

  #check(): void {
    this.#to.with(op.localGet, this.#fuel)
    this.#to.op(op.i64Const, 0, op.i64LessSigned)
    writeStopIf(this.#to, this.#added, ended.outOfFuel)
  }

  /** Has the canonical one in place of any NaN on top of the stack. */
  #canonical(instruction: number): void {
    const to = this.#to
    const isF32 = instruction === 0x38 || instruction === 0x98 || instruction === 0xbc
    const local = isF32 ? this.#f32 : this.#f64
    to.with(op.localTee, local)
    if (isF32) to.op(op.f32Const, ...canonicalF32)
    else to.op(op.f64Const, ...canonicalF64)
    to.with(op.localGet, local)
    to.with(op.localGet, local)
    to.op(isF32 ? op.f32Eq : op.f64Eq, op.select)
  }
}

/**
 * The body that stands for `memory.grow`: a function of the pages, of type i32 to i32. Beyond the
 * maximum it gives -1 as everywhere; below it, it grows or the run ends.
 */
export function writeGrow(to: Writer, added: Added, pagesMax: number): void {
  const place = to.open()
  to.op(1, 1, valueType.i32)
  to.op(op.localGet, 0, op.i32Const)
  to.signed(pagesMax)
  to.op(op.memorySize, 0, op.i32Sub, op.i32GreaterUnsigned)
  to.op(op.if, empty, op.i32Const, 0x7f, op.return, op.end)
  to.with(op.globalGet, added.fuel)
  to.op(op.localGet, 0, op.i64FromUnsigned, op.i64Const)
  to.signed(weight.growPage)
  to.op(op.i64Mul, op.i64Sub)
  to.with(op.globalSet, added.fuel)
  to.with(op.globalGet, added.fuel)
  to.op(op.i64Const, 0, op.i64LessSigned)
  writeStopIf(to, added, ended.outOfFuel)
  to.op(op.localGet, 0, op.memoryGrow, 0, op.localTee, 1)
  to.op(op.i32Const, 0x7f, op.i32Eq)
  writeStopIf(to, added, ended.noMemory)
  to.op(op.localGet, 1, op.end)
  to.close(place)
}

/** If the condition on top of the stack holds, says why and traps. */
function writeStopIf(to: Writer, added: Added, why: number): void {
  to.op(op.if, empty, op.i32Const, why)
  to.with(op.globalSet, added.ended)
  to.op(op.unreachable, op.end)
}
