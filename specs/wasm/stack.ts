import { limits } from '../limits.ts'
import type { Cursor } from './cursor.ts'

/** What a label belongs to. */
export const construct = { body: 0, block: 1, loop: 2, if: 3, else: 4 } as const

interface Label {
  kind: number
  result: number
  height: number
  dead: boolean
  targeted: boolean
}

/**
 * The types of the operands and the labels around an instruction, as the specification of
 * WebAssembly has them, for modules whose constructs take nothing and give one value at most.
 */
export class Stack {
  readonly #cursor: Cursor
  readonly #labels: Label[] = []
  #operands = new Uint8Array(1024)
  #height = 0
  #label: Label = { kind: construct.body, result: 0, height: 0, dead: false, targeted: false }
  /** How many labels there are, that of the function not counted; below 0 after its end. */
  depth = 0
  /** The most operands that there were at once. */
  peak = 0

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  /** Begins a body. */
  begin(result: number): void {
    this.#height = 0
    this.peak = 0
    this.depth = -1
    this.enter(construct.body, result)
  }

  /** Begins a construct. */
  enter(kind: number, result: number): void {
    this.depth++
    let label = this.#labels[this.depth]
    if (label === undefined) {
      label = { kind, result, height: 0, dead: false, targeted: false }
      this.#labels.push(label)
    }
    label.kind = kind
    label.result = result
    label.height = this.#height
    label.dead = false
    label.targeted = false
    this.#label = label
  }

  /** Ends a construct, or the first half of an `if`; says whether a branch leads to its end. */
  leave(at: number): { readonly kind: number; readonly targeted: boolean } {
    const label = this.#label
    if (label.result !== 0) this.pop(label.result, at)
    if (this.#height !== label.height) this.#cursor.malformed('operands are left over', at)
    if (label.kind === construct.if && label.result !== 0) {
      this.#cursor.malformed('an if without else gives nothing', at)
    }
    this.depth--
    if (this.depth >= 0) {
      this.#label = this.#labels[this.depth] as Label
      this.push(label.result)
    }
    return label
  }

  /** Ends the first half of an `if` and begins the second. */
  otherwise(at: number): void {
    const label = this.#label
    if (label.kind !== construct.if) this.#cursor.malformed('an else without its if', at)
    if (label.result !== 0) this.pop(label.result, at)
    if (this.#height !== label.height) this.#cursor.malformed('operands are left over', at)
    label.kind = construct.else
    label.dead = false
  }

  /** What comes next is never reached. */
  die(): void {
    this.#height = this.#label.height
    this.#label.dead = true
  }

  /** Puts an operand on top, unless its type is 0. */
  push(type: number): void {
    if (type !== 0) this.#put(type)
  }

  /**
   * Takes an operand of this type, or of any if 0; gives its type, or 0 if that is open, as it is
   * where nothing is reached.
   */
  pop(type: number, at: number): number {
    const label = this.#label
    if (this.#height === label.height) {
      if (!label.dead) this.#cursor.malformed('an operand is missing', at)
      return 0
    }
    const found = this.#operands[--this.#height] as number
    if (type !== 0 && found !== 0 && found !== type) {
      this.#cursor.malformed('an operand is of another type', at)
    }
    return found
  }

  /** Takes two operands of one type and puts one of them back. */
  either(at: number): void {
    const one = this.pop(0, at)
    this.#put(this.pop(one, at) || one)
  }

  /** Asserts that an operand of this type is on top and leaves it there; of none, if 0. */
  keep(type: number, at: number): void {
    if (type === 0) return
    this.pop(type, at)
    this.#put(type)
  }

  /** The same, and what is open stays so. */
  carry(type: number, at: number): void {
    if (type !== 0) this.#put(this.pop(type, at))
  }

  /** The type that a branch to this label carries, or 0; the label is marked as reached so. */
  target(depth: number, at: number): number {
    const label = this.#labels[this.depth - depth]
    if (depth > this.depth || label === undefined) {
      return this.#cursor.malformed('there is no such label', at)
    }
    label.targeted = true
    return label.kind === construct.loop ? 0 : label.result
  }

  /** Reads the labels of a `br_table`: what they carry stays on top. */
  branches(at: number): void {
    const cursor = this.#cursor
    const count = cursor.u32()
    cursor.bound(count, limits.wasmBranchesMax, 'labels of a br_table', at)
    let before: number | undefined
    for (let i = 0; i <= count; i++) {
      const type = this.target(cursor.u32(), at)
      if (before !== undefined && (type === 0) !== (before === 0)) {
        cursor.malformed('labels that carry another number of values', at)
      }
      this.carry(type, at)
      before = type
    }
  }

  /** The type that the function gives, or 0. */
  result(): number {
    return (this.#labels[0] as Label).result
  }

  #put(type: number): void {
    if (this.#height === this.#operands.length) {
      const larger = new Uint8Array(this.#height * 2)
      larger.set(this.#operands)
      this.#operands = larger
    }
    this.#operands[this.#height++] = type
    if (this.#height > this.peak) this.peak = this.#height
  }
}
