import { limits } from '../limits.ts'
import { type Cursor, Unfit } from './cursor.ts'
import { exported, type HostFunction, hostFunctions, hostModule } from './face.ts'
import { readConstant, readValueType } from './immediates.ts'
import { letterOf, valueType } from './opcodes.ts'
import type { FunctionType, Shape } from './shape.ts'

/** The numbers of sections. */
export const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

/** Bytes of a page of memory. */
export const pageBytes = 65_536

/** Where something is in the module. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** What a module says before its code. Each method reads the section that it is named after. */
export class Sections implements Shape {
  readonly types: FunctionType[] = []
  readonly functions: FunctionType[] = []
  readonly globals: { type: number; mutable: boolean }[] = []
  readonly imports: HostFunction[] = []
  readonly ranges = new Map<number, Range>()
  /** How many of the functions have a body. */
  bodies = 0
  hasTable = false
  tableMin = 0
  hasMemory = false
  pagesMin = 0
  pagesMax = 0
  hasMemoryExport = false
  /** The function that `_start` is. */
  start: number | undefined
  dataCount: number | undefined

  readonly #cursor: Cursor

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  /** Reads the content of one of the sections before the code. */
  read(id: number): void {
    if (id === section.type) this.#each(limits.wasmTypesMax, 'types', () => this.#type())
    else if (id === section.import)
      this.#each(limits.wasmFunctionsMax, 'imports', () => this.#import())
    else if (id === section.function) this.#functions()
    else if (id === section.table) this.#each(1, 'tables', () => this.#table())
    else if (id === section.memory) this.#each(1, 'memories', () => this.#memory())
    else if (id === section.global)
      this.#each(limits.wasmGlobalsMax, 'globals', () => this.#global())
    else if (id === section.export) this.#exports()
    else if (id === section.element) {
      this.#each(limits.wasmSegmentsMax, 'segments', () => this.#element())
    } else if (id === section.dataCount) this.dataCount = this.#cursor.u32()
    else this.#cursor.feature(id === section.start ? 'a start function' : `a section ${id}`)
  }

  /** Reads the content of the data section. */
  readData(): void {
    const cursor = this.#cursor
    const at = cursor.at
    let count = 0
    this.#each(limits.wasmSegmentsMax, 'segments', () => {
      this.#data()
      count++
    })
    if (count !== (this.dataCount ?? count)) cursor.malformed('not as many data as announced', at)
  }

  #each(max: number, what: string, read: () => void): void {
    const cursor = this.#cursor
    const at = cursor.at
    const count = cursor.u32()
    if (max === 1 && count > 1) cursor.feature(`several ${what}`, at)
    cursor.bound(count, max, what, at)
    for (let i = 0; i < count; i++) read()
  }

  #type(): void {
    const cursor = this.#cursor
    const at = cursor.at
    if (cursor.byte() !== 0x60) cursor.feature('a type that is no function', at)
    const count = cursor.u32()
    cursor.bound(count, limits.wasmParametersMax, 'parameters', at)
    const parameters = new Uint8Array(count)
    for (let i = 0; i < count; i++) parameters[i] = readValueType(cursor)
    const results = cursor.u32()
    if (results > 1) cursor.feature('more than one result', at)
    this.types.push({ parameters, result: results === 1 ? readValueType(cursor) : 0 })
  }

  #import(): void {
    const cursor = this.#cursor
    const at = cursor.at
    const from = cursor.name()
    const name = cursor.name()
    if (cursor.byte() !== 0) refuseImport(at, `${from}.${name} is no function`)
    const type = this.#typeAt(cursor.u32(), at)
    if (from !== hostModule || !isHostFunction(name)) {
      refuseImport(at, `there is no ${from}.${name}`)
    }
    if (textOf(type) !== hostFunctions[name]) refuseImport(at, `${name} is of another type`)
    this.functions.push(type)
    this.imports.push(name)
  }

  #functions(): void {
    const at = this.#cursor.at
    this.#each(limits.wasmFunctionsMax, 'functions', () => {
      this.functions.push(this.#typeAt(this.#cursor.u32(), at))
      this.bodies++
    })
    this.#cursor.bound(this.functions.length, limits.wasmFunctionsMax, 'functions', at)
  }

  #typeAt(index: number, at: number): FunctionType {
    return this.types[index] ?? this.#cursor.malformed('there is no such type', at)
  }

  #table(): void {
    const cursor = this.#cursor
    const at = cursor.at
    if (cursor.byte() !== 0x70) cursor.feature('a table of other than functions', at)
    const { min, max } = this.#size(at)
    if (max !== undefined && max < min) cursor.malformed('a maximum below the minimum', at)
    cursor.bound(min, limits.wasmTableMax, 'entries of the table', at)
    this.hasTable = true
    this.tableMin = min
  }

  #memory(): void {
    const cursor = this.#cursor
    const at = cursor.at
    const { min, max } = this.#size(at)
    if (max === undefined) throw new Unfit('wasm.bound', at, 'a memory has a maximum')
    if (max < min) cursor.malformed('a maximum below the minimum', at)
    if (max > 65_536) cursor.malformed('at most 65536 pages', at)
    this.hasMemory = true
    this.pagesMin = min
    this.pagesMax = max
  }

  #size(at: number): { min: number; max: number | undefined } {
    const cursor = this.#cursor
    const flags = cursor.byte()
    if (flags > 1) cursor.feature('shared, or of 64 bits', at)
    const min = cursor.u32()
    return { min, max: flags === 1 ? cursor.u32() : undefined }
  }

  #global(): void {
    const cursor = this.#cursor
    const type = readValueType(cursor)
    const at = cursor.at
    const mutable = cursor.byte()
    if (mutable > 1) cursor.malformed('neither constant nor variable', at)
    if (this.#constant() !== type) cursor.malformed('a value of another type', at)
    this.globals.push({ type, mutable: mutable === 1 })
  }

  /** The type of a constant expression; it is one constant. */
  #constant(): number {
    const cursor = this.#cursor
    const at = cursor.at
    const type = readConstant(cursor, cursor.byte())
    if (type === 0) cursor.feature('an expression that is no plain constant', at)
    if (cursor.byte() !== 0x0b) cursor.feature('an expression that is no plain constant', at)
    return type
  }

  #exports(): void {
    const cursor = this.#cursor
    const names = new Set<string>()
    this.#each(limits.wasmExportsMax, 'exports', () => {
      const at = cursor.at
      const name = cursor.name()
      const kind = cursor.byte()
      const index = cursor.u32()
      if (names.has(name)) cursor.malformed('a name that is exported twice', at)
      names.add(name)
      this.#export(name, kind, index, at)
    })
  }

  #export(name: string, kind: number, index: number, at: number): void {
    const counts = [
      this.functions.length,
      this.hasTable ? 1 : 0,
      this.hasMemory ? 1 : 0,
      this.globals.length,
    ]
    const count = counts[kind] ?? this.#cursor.feature('an export of another kind', at)
    if (index >= count) this.#cursor.malformed('an export of what there is not', at)
    if (name === exported.memory) {
      if (kind !== 2) refuseExport(at, 'memory is no memory')
      this.hasMemoryExport = true
    }
    if (name !== exported.start) return
    if (kind !== 0) refuseExport(at, '_start is no function')
    if (textOf(this.functions[index] as FunctionType) !== ':') {
      refuseExport(at, '_start takes or gives something')
    }
    this.start = index
  }

  #element(): void {
    const cursor = this.#cursor
    const at = cursor.at
    if (cursor.u32() !== 0) cursor.feature('entries of another kind', at)
    if (!this.hasTable) cursor.malformed('there is no table', at)
    const offset = this.#offset()
    const count = cursor.u32()
    this.#fits(offset + count, this.tableMin, 'entries of the table', at)
    for (let i = 0; i < count; i++) {
      const index = cursor.u32()
      if (index >= this.functions.length) cursor.malformed('there is no such function')
    }
  }

  #data(): void {
    const cursor = this.#cursor
    const at = cursor.at
    const flags = cursor.u32()
    if (flags > 1) cursor.feature('data of a memory by its number', at)
    const offset = flags === 0 ? this.#offset() : 0
    if (flags === 0 && !this.hasMemory) cursor.malformed('there is no memory', at)
    const count = cursor.u32()
    cursor.skip(count)
    if (flags === 0) this.#fits(offset + count, this.pagesMin * pageBytes, 'bytes of memory', at)
  }

  /** Segments fit at the start, so that creating an instance never traps. */
  #fits(end: number, size: number, what: string, at: number): void {
    if (end > size) throw new Unfit('wasm.bound', at, `it begins with ${size} ${what}`)
  }

  #offset(): number {
    const cursor = this.#cursor
    const start = cursor.at
    if (this.#constant() !== valueType.i32) cursor.malformed('an offset of another type', start)
    const end = cursor.at
    cursor.at = start + 1
    const offset = cursor.s32() >>> 0
    cursor.at = end
    return offset
  }
}

function textOf({ parameters, result }: FunctionType): string {
  const letters = Array.from(parameters, (type) => letterOf(type)).join('')
  return `${letters}:${letterOf(result)}`
}

function isHostFunction(name: string): name is HostFunction {
  return Object.hasOwn(hostFunctions, name)
}

function refuseImport(at: number, detail: string): never {
  throw new Unfit('wasm.import', at, detail)
}

function refuseExport(at: number, detail: string): never {
  throw new Unfit('wasm.export', at, detail)
}
