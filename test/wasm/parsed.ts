import { names } from '../../specs/examples/wasm-code.ts'
import type { Value } from './numeric.ts'

/** An instruction by its name. */
export interface Instruction {
  readonly name: string
  /** Indices and labels; of a load or store the offset; of a construct 1 if it gives a value. */
  readonly numbers: readonly number[]
  /** The bits of a constant. */
  readonly bits: Value
  /** Of a construct, the places of its `end` and, of an `if`, of its `else`, or -1. */
  end: number
  otherwise: number
}

/** A type as letters: parameters, a colon, results. */
export type Type = string

/** A function with a body. */
export interface Routine {
  readonly type: Type
  /** The letters of parameters and locals. */
  readonly locals: string
  readonly bodyBytes: number
  readonly code: readonly Instruction[]
}

/** A module, read without any check: it is one that was found valid. */
export interface Parsed {
  readonly types: readonly Type[]
  readonly imports: readonly { readonly name: string; readonly type: Type }[]
  readonly routines: readonly Routine[]
  readonly tableMin: number
  readonly pages: { readonly min: number; readonly max: number }
  readonly globals: readonly Value[]
  readonly start: number
  readonly elements: readonly { readonly offset: number; readonly functions: readonly number[] }[]
  readonly data: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
}

const letters: Readonly<Record<number, string>> = { 127: 'i', 126: 'I', 125: 'f', 124: 'F' }

/** Reads a module. */
export function parse(module: Uint8Array): Parsed {
  return new Reader(module).module()
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 8
  readonly #types: Type[] = []
  readonly #imports: { name: string; type: Type }[] = []
  readonly #declared: number[] = []
  readonly #routines: Routine[] = []
  readonly #globals: Value[] = []
  readonly #elements: { offset: number; functions: number[] }[] = []
  readonly #data: { offset: number; bytes: Uint8Array }[] = []
  #tableMin = 0
  #pages = { min: 0, max: 0 }
  #start = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  module(): Parsed {
    while (this.#at < this.#bytes.length) {
      const id = this.#byte()
      const end = this.#unsigned() + this.#at
      if (id !== 0 && id !== 12) this.#each(() => this.#item(id))
      this.#at = end
    }
    return {
      types: this.#types,
      imports: this.#imports,
      routines: this.#routines,
      tableMin: this.#tableMin,
      pages: this.#pages,
      globals: this.#globals,
      start: this.#start,
      elements: this.#elements,
      data: this.#data,
    }
  }

  #item(id: number): void {
    if (id === 1) this.#types.push(this.#type())
    else if (id === 2) this.#import()
    else if (id === 3) this.#declared.push(this.#unsigned())
    else if (id === 4) this.#tableMin = this.#sizes(1).min
    else if (id === 5) this.#pages = this.#sizes(0)
    else if (id === 6) this.#global()
    else if (id === 7) this.#export()
    else if (id === 9) {
      this.#unsigned()
      const offset = this.#offset()
      const functions: number[] = []
      this.#each(() => functions.push(this.#unsigned()))
      this.#elements.push({ offset, functions })
    } else if (id === 10) this.#body()
    else this.#segment()
  }

  #each(read: () => unknown): void {
    for (let count = this.#unsigned(); count > 0; count--) read()
  }

  #type(): Type {
    this.#byte()
    const list = () => {
      let text = ''
      this.#each(() => {
        text += letters[this.#byte()]
      })
      return text
    }
    return `${list()}:${list()}`
  }

  #import(): void {
    this.#name()
    const name = this.#name()
    this.#byte()
    this.#imports.push({ name, type: this.#types[this.#unsigned()] as Type })
  }

  #sizes(prefix: number): { min: number; max: number } {
    this.#at += prefix
    const flags = this.#byte()
    const min = this.#unsigned()
    return { min, max: flags === 1 ? this.#unsigned() : min }
  }

  #global(): void {
    this.#at += 2
    this.#globals.push(this.#instruction().bits)
    this.#at++
  }

  #export(): void {
    const name = this.#name()
    this.#byte()
    const index = this.#unsigned()
    if (name === '_start') this.#start = index
  }

  #segment(): void {
    const isPassive = this.#unsigned() === 1
    const offset = isPassive ? -1 : this.#offset()
    const length = this.#unsigned()
    this.#data.push({ offset, bytes: this.#bytes.slice(this.#at, this.#at + length) })
    this.#at += length
  }

  #offset(): number {
    const { bits } = this.#instruction()
    this.#at++
    return Number(bits)
  }

  #body(): void {
    const type = this.#types[this.#declared[this.#routines.length] as number] as Type
    const bodyBytes = this.#unsigned()
    const end = this.#at + bodyBytes
    let locals = type.split(':')[0] as string
    this.#each(() => {
      const count = this.#unsigned()
      locals += (letters[this.#byte()] as string).repeat(count)
    })
    const code: Instruction[] = []
    const open: Instruction[] = []
    while (this.#at < end) {
      const instruction = this.#instruction()
      if (/^(block|loop|if)$/.test(instruction.name)) open.push(instruction)
      if (instruction.name === 'else') (open.at(-1) as Instruction).otherwise = code.length
      if (instruction.name === 'end') {
        const construct = open.pop()
        if (construct !== undefined) construct.end = code.length
      }
      code.push(instruction)
    }
    this.#routines.push({ type, locals, bodyBytes, code })
  }

  #instruction(): Instruction {
    let op = this.#byte()
    if (op === 0xfc) op = 256 + this.#unsigned()
    const made = (name: string, numbers: readonly number[] = [], bits: Value = 0) => {
      return { name, numbers, bits, end: -1, otherwise: -1 }
    }
    if (op >= 0x02 && op <= 0x04) {
      const name = ['block', 'loop', 'if'][op - 2] as string
      return made(name, [this.#byte() === 0x40 ? 0 : 1])
    }
    if (op === 0x0e) {
      const labels: number[] = []
      for (let left = this.#unsigned(); left >= 0; left--) labels.push(this.#unsigned())
      return made('br_table', labels)
    }
    if (op === 0x41) return made('i32.const', [], Number(BigInt.asUintN(32, this.#signed())))
    if (op === 0x42) return made('i64.const', [], BigInt.asUintN(64, this.#signed()))
    if (op === 0x43) {
      this.#at += 4
      return made('f32.const', [], this.#view.getUint32(this.#at - 4, true))
    }
    if (op === 0x44) {
      this.#at += 8
      return made('f64.const', [], this.#view.getBigUint64(this.#at - 8, true))
    }
    const name = names.get(op) as string
    if (op >= 0x28 && op <= 0x3e) {
      this.#unsigned()
      return made(name, [this.#unsigned()])
    }
    const count = indices(op)
    return made(
      name,
      Array.from({ length: count }, () => this.#unsigned()),
    )
  }

  #byte(): number {
    return this.#bytes[this.#at++] as number
  }

  #unsigned(): number {
    return Number(this.#leb().value)
  }

  #signed(): bigint {
    const { value, bits } = this.#leb()
    return BigInt.asIntN(bits, value)
  }

  #leb(): { value: bigint; bits: number } {
    let value = 0n
    let bits = 0
    for (;;) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << BigInt(bits)
      bits += 7
      if (byte < 0x80) return { value, bits }
    }
  }

  #name(): string {
    const length = this.#unsigned()
    this.#at += length
    return new TextDecoder().decode(this.#bytes.subarray(this.#at - length, this.#at))
  }
}

/** How many indices follow an opcode. */
function indices(op: number): number {
  if (op === 0x11 || op === 264 || op === 266) return 2
  const one = op === 0x0c || op === 0x0d || op === 0x10 || (op >= 0x20 && op <= 0x24)
  return one || op === 0x3f || op === 0x40 || op === 265 || op === 267 ? 1 : 0
}
