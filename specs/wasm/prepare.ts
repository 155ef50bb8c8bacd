import { limits } from '../limits.ts'
import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { Body } from './body.ts'
import { Cursor, Unfit } from './cursor.ts'
import { exported, type HostFunction } from './face.ts'
import { valueType } from './opcodes.ts'
import { type Added, Rewriter, writeGrow } from './rewrite.ts'
import { pageBytes, Sections, section } from './sections.ts'
import type { FunctionType } from './shape.ts'
import { Writer } from './writer.ts'

/** A module that was checked and rewritten: it counts fuel, and ends alike on every machine. */
export interface Prepared {
  /** The module to compile: a function of the original and of the memory that it may use. */
  readonly bytes: Uint8Array
  /** The host functions that it imports. */
  readonly imports: readonly HostFunction[]
  /** What its memory has at the start, in bytes. */
  readonly memoryBytesMin: number
  /** What its memory grows to at most: the less of what it declares and of what it may use. */
  readonly memoryBytesMax: number
}

/**
 * Checks a module against the profile and rewrites it. `memoryBytesMax` is what the unit may use,
 * from its job and never from the machine. A refusal names the byte of the original.
 */
export function prepare(module: Uint8Array, memoryBytesMax: number): Answer<Prepared> {
  try {
    return accept(new Pass(module, memoryBytesMax).run())
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw cause
    return refuse(cause.code, { at: `byte ${cause.at}`, detail: cause.detail })
  }
}

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** The order in which sections stand: the count of data is before the code. */
const order = [
  section.type,
  section.import,
  section.function,
  section.table,
  section.memory,
  section.global,
  section.export,
  section.start,
  section.element,
  section.dataCount,
  section.code,
  section.data,
] as const

class Pass {
  readonly #module: Uint8Array
  readonly #cursor: Cursor
  readonly #said: Sections
  readonly #pagesAllowed: number
  readonly #out: Writer
  #pagesMax = 0

  constructor(module: Uint8Array, memoryBytesMax: number) {
    // A Buffer's slice is no copy: a plain view of the same bytes behaves the same everywhere.
    this.#module = new Uint8Array(module.buffer, module.byteOffset, module.length)
    this.#cursor = new Cursor(this.#module)
    this.#said = new Sections(this.#cursor)
    this.#pagesAllowed = Math.floor(memoryBytesMax / pageBytes)
    this.#out = new Writer(module.length + module.length / 2 + 1024)
  }

  run(): Prepared {
    const cursor = this.#cursor
    const { length } = this.#module
    cursor.bound(length, limits.wasmModuleBytesMax, 'bytes')
    for (const byte of header) if (cursor.byte() !== byte) cursor.malformed('no module', 0)
    for (const byte of header) this.#out.byte(byte)
    let before = -1
    while (cursor.at < length) {
      const at = cursor.at
      const id = cursor.byte()
      const size = cursor.u32()
      const start = cursor.skip(size)
      const place = order.indexOf(id as (typeof order)[number])
      if (id !== section.custom) {
        if (place < 0) cursor.feature(`a section ${id}`, at)
        if (place <= before) cursor.malformed('a section out of order', at)
        before = place
      }
      this.#section(id, start, start + size)
      cursor.end = length
    }
    return this.#done()
  }

  #section(id: number, start: number, end: number): void {
    const cursor = this.#cursor
    cursor.at = start
    cursor.end = end
    if (id === section.custom) {
      cursor.name()
      cursor.at = end
      return
    }
    if (id === section.code) this.#code(start)
    else if (id === section.data) this.#said.readData()
    else this.#said.read(id)
    if (cursor.at !== end) cursor.malformed('bytes after the content of a section')
    this.#said.ranges.set(id, { start, end })
    if (id === section.data) this.#copy(section.data)
  }

  #done(): Prepared {
    const said = this.#said
    const cursor = this.#cursor
    const { ranges, dataCount } = said
    if (!ranges.has(section.code)) this.#checkHead()
    if (said.bodies > 0 && !ranges.has(section.code)) cursor.malformed('functions without code')
    if (dataCount !== undefined && dataCount > 0 && !ranges.has(section.data)) {
      cursor.malformed('not as many data as announced')
    }
    return {
      bytes: this.#out.done(),
      imports: said.imports,
      memoryBytesMin: said.pagesMin * pageBytes,
      memoryBytesMax: this.#pagesMax * pageBytes,
    }
  }

  /** What must be there before there is code. */
  #checkHead(): void {
    const { hasMemoryExport, start } = this.#said
    const { at } = this.#cursor
    if (!hasMemoryExport) throw new Unfit('wasm.export', at, 'no memory is exported as memory')
    if (start === undefined) throw new Unfit('wasm.export', at, 'no function is called _start')
    if (this.#said.pagesMin > this.#pagesAllowed) {
      throw new Unfit('wasm.bound', at, `at most ${this.#pagesAllowed} pages of memory`)
    }
    this.#pagesMax = Math.min(this.#said.pagesMax, this.#pagesAllowed)
  }

  #code(start: number): void {
    const cursor = this.#cursor
    const said = this.#said
    const out = this.#out
    this.#checkHead()
    cursor.at = start
    const count = cursor.u32()
    if (count !== said.bodies) cursor.malformed('not as many bodies as functions', start)
    const globals = said.globals.length
    const added: Added = {
      fuel: globals,
      ended: globals + 1,
      room: globals + 2,
      grow: said.functions.length,
    }
    this.#head(added)
    out.byte(section.code)
    const place = out.open()
    out.u32(count + 1)
    const body = new Body(cursor, said)
    const rewriter = new Rewriter(this.#module, out, added, body)
    const end = cursor.end
    for (let i = 0; i < count; i++) {
      const size = cursor.u32()
      cursor.bound(size, limits.wasmBodyBytesMax, 'bytes of a body')
      const at = cursor.skip(size)
      cursor.at = at
      cursor.end = at + size
      const type = said.functions[said.functions.length - count + i] as FunctionType
      body.read(type)
      rewriter.write(at + size, type.result)
      cursor.end = end
    }
    writeGrow(out, added, this.#pagesMax)
    out.close(place)
  }

  /** All sections before the code, with what the pass adds to them. */
  #head(added: Added): void {
    const said = this.#said
    const out = this.#out
    this.#list(section.type, said.types.length, 1, () => {
      out.op(0x60, 1, valueType.i32, 1, valueType.i32)
    })
    if (said.imports.length > 0) this.#copy(section.import)
    this.#list(section.function, said.bodies, 1, () => out.u32(said.types.length))
    if (said.hasTable) this.#copy(section.table)
    const memory = this.#openSection(section.memory)
    out.op(1, 1)
    out.u32(said.pagesMin)
    out.u32(this.#pagesMax)
    out.close(memory)
    this.#list(section.global, said.globals.length, 3, () => {
      out.op(valueType.i64, 1, 0x42, 0, 0x0b, valueType.i32, 1, 0x41, 0, 0x0b)
      out.op(valueType.i32, 1, 0x41)
      out.signed(limits.wasmStackSlotsMax)
      out.byte(0x0b)
    })
    const exports = this.#openSection(section.export)
    out.byte(4)
    this.#export(exported.memory, 2, 0)
    this.#export(exported.start, 0, said.start as number)
    this.#export(exported.fuel, 3, added.fuel)
    this.#export(exported.ended, 3, added.ended)
    out.close(exports)
    if (said.ranges.has(section.element)) this.#copy(section.element)
    if (said.ranges.has(section.dataCount)) this.#copy(section.dataCount)
  }

  #openSection(id: number): number {
    this.#out.byte(id)
    return this.#out.open()
  }

  #export(name: string, kind: number, index: number): void {
    this.#out.name(name)
    this.#out.byte(kind)
    this.#out.u32(index)
  }

  #copy(id: number): void {
    const range = this.#said.ranges.get(id)
    if (range === undefined) return
    const place = this.#openSection(id)
    this.#out.copy(this.#module, range.start, range.end)
    this.#out.close(place)
  }

  /** A section that is a list, with more at its end. */
  #list(id: number, count: number, more: number, add: () => void): void {
    const place = this.#openSection(id)
    this.#out.u32(count + more)
    const range = this.#said.ranges.get(id)
    if (range !== undefined) {
      const cursor = this.#cursor
      const { at, end } = cursor
      cursor.at = range.start
      cursor.end = range.end
      cursor.u32()
      this.#out.copy(this.#module, cursor.at, range.end)
      cursor.at = at
      cursor.end = end
    }
    add()
    this.#out.close(place)
  }
}
