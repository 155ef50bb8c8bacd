import type { Cursor } from './cursor.ts'
import { type Edits, edit } from './edits.ts'
import {
  readBlockType,
  readConstant,
  readGlobal,
  readMemoryArgument,
  readMemoryIndex,
  readOpcode,
} from './immediates.ts'
import { Locals } from './locals.ts'
import {
  alignment,
  first,
  frame,
  given,
  hasPlainBits,
  isPlain,
  observes,
  second,
  secondPage,
  valueType,
  weight,
  weights,
} from './opcodes.ts'
import { Segments } from './segments.ts'
import type { FunctionType, Shape } from './shape.ts'
import { Size } from './size.ts'
import { construct, Stack } from './stack.ts'

const { i32, f32 } = valueType

/** Reads bodies: checks every instruction, and lists what the pass has to do where. */
export class Body {
  readonly locals = new Locals()
  hasLoop = false
  hasCall = false
  hasBulk = false
  hasF32 = false
  hasF64 = false
  /** Where its instructions begin. */
  codeAt = 0

  readonly #cursor: Cursor
  readonly #shape: Shape
  readonly #stack: Stack
  readonly #segments = new Segments()
  readonly #size = new Size()
  #bodyBytes = 0
  /** Whether the instruction before gives a float whose bits are the same everywhere. */
  #plainFloat = false

  constructor(cursor: Cursor, shape: Shape) {
    this.#cursor = cursor
    this.#shape = shape
    this.#stack = new Stack(cursor)
  }

  /** What has to change in it. */
  get edits(): Edits {
    return this.#segments.edits
  }

  /** What all its segments cost together. */
  get cost(): number {
    return this.#segments.total
  }

  /** What its frame counts as. */
  get slots(): number {
    const byBody = Math.floor(this.#bodyBytes / frame.bodyBytesEach)
    const { parameters, count } = this.locals
    return frame.slots + parameters + count + this.#stack.peak + byBody
  }

  /** Reads the body that ends where the cursor does. */
  read(type: FunctionType): void {
    this.#segments.reset()
    this.#size.reset()
    this.hasLoop = this.hasCall = this.hasBulk = this.hasF32 = this.hasF64 = false
    this.#bodyBytes = this.#cursor.end - this.#cursor.at
    this.locals.read(this.#cursor, type)
    this.codeAt = this.#cursor.at
    this.#stack.begin(type.result)
    this.#begin(edit.charge)
    while (this.#stack.depth >= 0) this.#instruction()
    if (this.#cursor.at !== this.#cursor.end) {
      this.#cursor.malformed('bytes after the end of a body')
    }
  }

  #begin(kind: typeof edit.charge | typeof edit.loop): void {
    this.#segments.begin(kind, this.#cursor.at, this.#stack.depth)
  }

  #jump(): void {
    this.#segments.weigh(weight.step)
    this.#die()
  }

  /** What comes next is never reached. */
  #die(): void {
    this.#segments.close()
    this.#stack.die()
  }

  #edit(kind: number, at: number, argument = 0): void {
    this.#segments.edit(kind, at, this.#cursor.at, argument, this.#stack.depth)
  }

  #instruction(): void {
    const cursor = this.#cursor
    const at = cursor.at
    const op = readOpcode(cursor, secondPage, 11)
    if (isPlain[op] === 1) this.#plain(op, at)
    else if (op >= secondPage) this.#bulk(op, at)
    else if (op <= 0x11) this.#control(op, at)
    else this.#other(op, at)
    this.#plainFloat = hasPlainBits(op)
  }

  #plain(op: number, at: number): void {
    const cursor = this.#cursor
    const stack = this.#stack
    const most = alignment[op] as number
    if (most !== 0) {
      readMemoryArgument(cursor, most - 1)
      this.#needMemory(at)
    }
    const [one, two] = [first[op] as number, second[op] as number]
    if (two !== 0) stack.pop(two, at)
    if (one !== 0) stack.pop(one, at)
    stack.push(given[op] as number)
    this.#segments.weigh(weights[op] as number)
    if (!observes(op) || this.#plainFloat || !this.#segments.isReached) return
    if ((two || one) === f32) this.hasF32 = true
    else this.hasF64 = true
    this.#edit(edit.canonical, at, op)
  }

  #memoryIndex(at: number): void {
    readMemoryIndex(this.#cursor)
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
        this.#segments.weigh(weight.step)
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
        this.#jump()
        return
      case 0x0d: // br_if
        stack.pop(i32, at)
        stack.keep(stack.target(cursor.u32(), at), at)
        this.#segments.weigh(weight.step)
        if (this.#segments.isReached) this.#begin(edit.charge)
        return
      case 0x0e: // br_table
        stack.pop(i32, at)
        stack.branches(at)
        this.#jump()
        return
      case 0x0f: // return
        stack.carry(stack.result(), at)
        this.#edit(edit.leave, at)
        this.#jump()
        return
      case 0x10: // call
        this.#apply(this.#shape.functions[cursor.u32()], at)
        return
      case 0x11: // call_indirect
        this.#callIndirect(at)
        return
      default:
        this.#unknown(op, at)
    }
  }

  #enter(kind: number): void {
    this.#stack.enter(kind, readBlockType(this.#cursor))
    this.#size.enter(this.#cursor, kind, this.#stack.depth, this.locals.count)
  }

  #end(at: number): void {
    const { kind, targeted } = this.#stack.leave(at)
    this.#size.leave(kind)
    if (this.#stack.depth < 0) {
      this.#segments.close()
      return
    }
    // Where control only falls through, the segment goes on.
    const joins = kind === construct.if || kind === construct.else
    if (joins || (kind === construct.block && targeted)) this.#begin(edit.charge)
  }

  #callIndirect(at: number): void {
    const cursor = this.#cursor
    const type = this.#shape.types[cursor.u32()]
    if (cursor.u32() !== 0) cursor.feature('a second table', at)
    if (!this.#shape.hasTable) cursor.malformed('there is no table', at)
    this.#stack.pop(i32, at)
    this.#apply(type, at)
  }

  #apply(type: FunctionType | undefined, at: number): void {
    const what = 'there is no such function or type'
    const { parameters, result } = type ?? this.#cursor.malformed(what, at)
    for (let i = parameters.length - 1; i >= 0; i--) this.#stack.pop(parameters[i] as number, at)
    this.#stack.push(result)
    this.#segments.weigh(weight.call)
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
        this.#segments.weigh(weight.step)
        return
      case 0x20: // local.get
        stack.push(this.locals.named(cursor))
        return
      case 0x21: // local.set
        stack.pop(this.locals.named(cursor), at)
        return
      case 0x22: // local.tee
        stack.keep(this.locals.named(cursor), at)
        return
      case 0x23: // global.get
        stack.push(readGlobal(cursor, this.#shape).type)
        this.#segments.weigh(weight.step)
        return
      case 0x24: {
        const { type, mutable } = readGlobal(cursor, this.#shape)
        this.#segments.weigh(weight.step)
        stack.pop(mutable ? type : cursor.malformed('the global is constant', at), at)
        return
      }
      case 0x3f: // memory.size
        this.#memoryIndex(at)
        stack.push(i32)
        this.#segments.weigh(weight.step)
        return
      case 0x40: // memory.grow
        this.#memoryIndex(at)
        stack.pop(i32, at)
        stack.push(i32)
        this.#segments.weigh(weight.grow)
        this.hasCall = true
        this.#edit(edit.grow, at)
        return
      default:
        stack.push(readConstant(cursor, op) || this.#unknown(op, at))
    }
  }

  #unknown(op: number, at: number): never {
    return this.#cursor.feature(`the instruction 0x${op.toString(16)}`, at)
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
    this.#segments.weigh(weight.bulk)
    if (op === secondPage + 9) return
    this.#memoryIndex(at)
    if (op === secondPage + 10) readMemoryIndex(cursor)
    for (let i = 0; i < 3; i++) stack.pop(i32, at)
    this.hasBulk = true
    this.#edit(edit.bulk, at)
  }
}
