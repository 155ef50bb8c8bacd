import { limits } from '../limits.ts'
import type { Cursor } from './cursor.ts'
import { Edits, edit } from './edits.ts'
import {
  alignment,
  first,
  frame,
  given,
  isPlain,
  second,
  secondPage,
  valueType,
  weight,
  weights,
} from './opcodes.ts'
import type { FunctionType, Shape } from './shape.ts'
import { construct, Stack } from './stack.ts'

const { i32, i64, f32, f64 } = valueType
const none = -1

/** Reads bodies: checks every instruction, and lists what the pass has to do where. */
export class Body {
  readonly edits = new Edits()
  /** The types of parameters and locals. */
  readonly locals = new Uint8Array(limits.wasmLocalsMax)
  localCount = 0
  /** What all its segments cost together. */
  cost = 0
  hasLoop = false
  hasCall = false
  hasBulk = false
  hasF32 = false
  hasF64 = false
  /** Where the locals that the body declares begin, as groups, and where its code does. */
  groupsAt = 0
  groups = 0
  codeAt = 0

  readonly #cursor: Cursor
  readonly #shape: Shape
  readonly #stack: Stack
  /** The edit that pays for the segment which is being read; none where nothing is reached. */
  #segment = none
  #cost = 0
  #parameters = 0
  #bodyBytes = 0
  /** Whether the instruction before gives a float whose bits are the same everywhere. */
  #plainFloat = false

  constructor(cursor: Cursor, shape: Shape) {
    this.#cursor = cursor
    this.#shape = shape
    this.#stack = new Stack(cursor)
  }

  /** What its frame counts as. */
  get slots(): number {
    const byBody = Math.floor(this.#bodyBytes / frame.bodyBytesEach)
    return frame.slots + this.#parameters + this.localCount + this.#stack.peak + byBody
  }

  /** Reads the body that ends where the cursor does. */
  read(type: FunctionType): void {
    this.edits.count = 0
    this.cost = 0
    this.hasLoop = this.hasCall = this.hasBulk = this.hasF32 = this.hasF64 = false
    this.#parameters = type.parameters.length
    this.#bodyBytes = this.#cursor.end - this.#cursor.at
    this.#readLocals(type)
    this.codeAt = this.#cursor.at
    this.#stack.begin(type.result)
    this.#segment = none
    this.#begin(edit.charge)
    while (this.#stack.depth >= 0) this.#instruction()
    if (this.#cursor.at !== this.#cursor.end) {
      this.#cursor.malformed('bytes after the end of a body')
    }
  }

  #readLocals(type: FunctionType): void {
    const cursor = this.#cursor
    this.locals.set(type.parameters)
    let count = type.parameters.length
    this.groups = cursor.u32()
    this.groupsAt = cursor.at
    for (let i = 0; i < this.groups; i++) {
      const at = cursor.at
      const more = cursor.u32()
      cursor.bound(count + more, limits.wasmLocalsMax, 'parameters and locals', at)
      this.locals.fill(readValueType(cursor), count, count + more)
      count += more
    }
    this.localCount = count
  }

  /** Ends the segment under way and begins one. */
  #begin(kind: number): void {
    this.#close()
    this.#segment = this.edits.add(kind, this.#cursor.at, 0, 0, this.#stack.depth)
  }

  #close(): void {
    if (this.#segment !== none) {
      this.edits.price(this.#segment, this.#cost)
      this.cost += this.#cost
    }
    this.#segment = none
    this.#cost = 0
  }

  /** What comes next is never reached. */
  #die(): void {
    this.#close()
    this.#stack.die()
  }

  #edit(kind: number, at: number, argument = 0): void {
    if (this.#segment === none) return
    this.edits.add(kind, at, this.#cursor.at - at, argument, this.#stack.depth)
  }

  #instruction(): void {
    const cursor = this.#cursor
    const at = cursor.at
    let op = cursor.byte()
    if (op === 0xfc) {
      const page = cursor.u32()
      op = page < 0x100 ? secondPage + page : 0
      if (op > secondPage + 11) cursor.feature(`the instruction 0xfc ${page}`, at)
      if (op === 0) cursor.feature('an instruction of the page 0xfc', at)
    }
    if (isPlain[op] === 1) this.#plain(op, at)
    else if (op >= secondPage) this.#bulk(op, at)
    else if (op <= 0x11) this.#control(op, at)
    else this.#other(op, at)
    // A float that was loaded, is constant or was made of an integer has the same bits everywhere.
    this.#plainFloat =
      op === 0x2a || op === 0x2b || op === 0x43 || op === 0x44 || isFromInteger(op)
  }

  #plain(op: number, at: number): void {
    const cursor = this.#cursor
    const stack = this.#stack
    const most = alignment[op] as number
    if (most !== 0) this.#memoryArgument(most - 1)
    const [one, two] = [first[op] as number, second[op] as number]
    if (two !== 0) stack.pop(two, at)
    if (one !== 0) stack.pop(one, at)
    stack.push(given[op] as number)
    this.#cost += weights[op] as number
    if (!observes(op) || this.#plainFloat || this.#segment === none) return
    if ((two || one) === f32) this.hasF32 = true
    else this.hasF64 = true
    this.edits.add(edit.canonical, at, cursor.at - at, op, stack.depth)
  }

  #memoryArgument(most: number): void {
    const cursor = this.#cursor
    const at = cursor.at
    const align = cursor.u32()
    if (align > 31) cursor.feature('a memory by its number', at)
    if (align > most) cursor.malformed('an alignment beyond the natural one', at)
    cursor.u32()
    this.#needMemory(at)
  }

  #needMemory(at: number): void {
    if (!this.#shape.hasMemory) this.#cursor.malformed('there is no memory', at)
  }

  #control(op: number, at: number): void {
    const cursor = this.#cursor
    const stack = this.#stack
    switch (op) {
      case 0x00: // unreachable
        this.#die()
        return
      case 0x01: // nop
        return
      case 0x02: // block
        this.#enter(construct.block)
        return
      case 0x03: // loop
        this.hasLoop = true
        this.#enter(construct.loop)
        this.#begin(edit.loop)
        return
      case 0x04: // if
        stack.pop(i32, at)
        this.#cost += weight.step
        this.#enter(construct.if)
        this.#begin(edit.charge)
        return
      case 0x05: // else
        stack.otherwise(at)
        this.#begin(edit.charge)
        return
      case 0x0b: // end
        this.#end(at)
        return
      case 0x0c: // br
        stack.carry(stack.target(cursor.u32(), at), at)
        this.#cost += weight.step
        this.#die()
        return
      case 0x0d: // br_if
        stack.pop(i32, at)
        stack.keep(stack.target(cursor.u32(), at), at)
        this.#cost += weight.step
        if (this.#segment !== none) this.#begin(edit.charge)
        return
      case 0x0e: // br_table
        stack.pop(i32, at)
        this.#branches(at)
        this.#cost += weight.step
        this.#die()
        return
      case 0x0f: // return
        stack.carry(stack.result(), at)
        this.#cost += weight.step
        this.#edit(edit.leave, at)
        this.#die()
        return
      case 0x10: // call
        this.#call(at)
        return
      case 0x11: // call_indirect
        this.#callIndirect(at)
        return
      default:
        cursor.feature(`the instruction 0x${op.toString(16)}`, at)
    }
  }

  #enter(kind: number): void {
    const cursor = this.#cursor
    const at = cursor.at
    const byte = cursor.byte()
    if (byte < 0x40 || byte > 0x7f) cursor.feature('a block of a type by its number', at)
    if (byte !== 0x40) cursor.at = at
    const result = byte === 0x40 ? 0 : readValueType(cursor)
    this.#stack.enter(kind, result)
    cursor.bound(this.#stack.depth, limits.wasmNestingMax, 'blocks in each other', at)
  }

  #end(at: number): void {
    const { kind, targeted } = this.#stack.leave(at)
    if (this.#stack.depth < 0) {
      this.#close()
      return
    }
    // Where control only falls through, the segment goes on.
    const joins = kind === construct.if || kind === construct.else
    if (joins || (kind === construct.block && targeted)) this.#begin(edit.charge)
  }

  #branches(at: number): void {
    const cursor = this.#cursor
    const stack = this.#stack
    const count = cursor.u32()
    cursor.bound(count, limits.wasmBranchesMax, 'labels of a br_table', at)
    let carried: number = none
    for (let i = 0; i <= count; i++) {
      const type = stack.target(cursor.u32(), at)
      if (carried !== none && (type === 0) !== (carried === 0)) {
        cursor.malformed('labels that carry another number of values', at)
      }
      stack.carry(type, at)
      carried = type
    }
  }

  #call(at: number): void {
    const type = this.#shape.functions[this.#cursor.u32()]
    if (type === undefined) return this.#cursor.malformed('there is no such function', at)
    this.#apply(type, at)
  }

  #callIndirect(at: number): void {
    const cursor = this.#cursor
    const type = this.#shape.types[cursor.u32()]
    if (type === undefined) return cursor.malformed('there is no such type', at)
    if (cursor.u32() !== 0) cursor.feature('a second table', at)
    if (!this.#shape.hasTable) cursor.malformed('there is no table', at)
    this.#stack.pop(i32, at)
    this.#apply(type, at)
  }

  #apply({ parameters, result }: FunctionType, at: number): void {
    for (let i = parameters.length - 1; i >= 0; i--) this.#stack.pop(parameters[i] as number, at)
    this.#stack.push(result)
    this.#cost += weight.call
    this.hasCall = true
    this.#edit(edit.call, at)
  }

  #other(op: number, at: number): void {
    const cursor = this.#cursor
    const stack = this.#stack
    switch (op) {
      case 0x1a: // drop
        stack.pop(0, at)
        return
      case 0x1b: // select
        stack.pop(i32, at)
        stack.either(at)
        this.#cost += weight.step
        return
      case 0x20: // local.get
        stack.push(this.#local(at))
        return
      case 0x21: // local.set
        stack.pop(this.#local(at), at)
        return
      case 0x22: // local.tee
        stack.keep(this.#local(at), at)
        return
      case 0x23: // global.get
        stack.push(this.#global(at).type)
        this.#cost += weight.step
        return
      case 0x24: {
        const { type, mutable } = this.#global(at)
        if (!mutable) cursor.malformed('the global is constant', at)
        stack.pop(type, at)
        this.#cost += weight.step
        return
      }
      case 0x3f: // memory.size
        this.#memoryIndex(at)
        stack.push(i32)
        this.#cost += weight.step
        return
      case 0x40: // memory.grow
        this.#memoryIndex(at)
        stack.pop(i32, at)
        stack.push(i32)
        this.#cost += weight.grow
        this.hasCall = true
        this.#edit(edit.grow, at)
        return
      default:
        this.#constant(op, at)
    }
  }

  #constant(op: number, at: number): void {
    const type = readConstant(this.#cursor, op)
    if (type === 0) this.#cursor.feature(`the instruction 0x${op.toString(16)}`, at)
    this.#stack.push(type)
  }

  #local(at: number): number {
    const index = this.#cursor.u32()
    if (index >= this.localCount) this.#cursor.malformed('there is no such local', at)
    return this.locals[index] as number
  }

  #global(at: number): { readonly type: number; readonly mutable: boolean } {
    const global = this.#shape.globals[this.#cursor.u32()]
    return global ?? this.#cursor.malformed('there is no such global', at)
  }

  #memoryIndex(at: number): void {
    if (this.#cursor.byte() !== 0) this.#cursor.feature('a second memory', at)
    this.#needMemory(at)
  }

  #bulk(op: number, at: number): void {
    const cursor = this.#cursor
    const stack = this.#stack
    const isInit = op === secondPage + 8
    if (isInit || op === secondPage + 9) {
      const { dataCount } = this.#shape
      if (dataCount === undefined) cursor.malformed('data by number without their count', at)
      else if (cursor.u32() >= dataCount) cursor.malformed('there are no such data', at)
    }
    this.#cost += weight.bulk
    if (op === secondPage + 9) return
    this.#memoryIndex(at)
    if (op === secondPage + 10) this.#memoryIndex(at)
    for (let i = 0; i < 3; i++) stack.pop(i32, at)
    this.hasBulk = true
    this.#edit(edit.bulk, at)
  }
}

/** Reads the type of a value; 0x7b and the types of references are of features left out. */
export function readValueType(cursor: Cursor): number {
  const at = cursor.at
  const type = cursor.byte()
  if (type === i32 || type === i64 || type === f32 || type === f64) return type
  if (type === 0x7b || (type >= 0x63 && type <= 0x74)) cursor.feature('a value of another kind', at)
  return cursor.malformed('no type of a value', at)
}

/** Reads what follows the opcode of a constant; gives its type, or 0 if it is none. */
export function readConstant(cursor: Cursor, op: number): number {
  if (op === 0x41) {
    cursor.s32()
    return i32
  }
  if (op === 0x42) {
    cursor.s64()
    return i64
  }
  if (op === 0x43) {
    cursor.skip(4)
    return f32
  }
  if (op === 0x44) {
    cursor.skip(8)
    return f64
  }
  return 0
}

/** Stores, reinterpretations and the sign that copysign takes: here the bits of a NaN are seen. */
function observes(op: number): boolean {
  return (
    op === 0x38 || op === 0x39 || op === 0x98 || op === 0xa6 || op === 0xbc || op === 0xbd
  )
}

/** Conversions from integers, and reinterpretations of them. */
function isFromInteger(op: number): boolean {
  if (op < 0xb2 || op > 0xbf) return false
  return op !== 0xb6 && op !== 0xbb && op !== 0xbc && op !== 0xbd
}
