import { Trap, type Value } from './numeric.ts'

/** Bytes of a page of memory. */
export const pageBytes = 65_536

/** The memory of the interpreter: what lies beyond its end traps. */
export class LinearMemory {
  #view: DataView

  constructor(pages: number) {
    this.#view = new DataView(new ArrayBuffer(pages * pageBytes))
  }

  get pages(): number {
    return this.#view.byteLength / pageBytes
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer)
  }

  grow(pages: number): void {
    const grown = new Uint8Array((this.pages + pages) * pageBytes)
    grown.set(this.bytes)
    this.#view = new DataView(grown.buffer)
  }

  fill(to: number, value: number, length: number): void {
    this.#within(to, length)
    this.bytes.fill(value & 0xff, to, to + length)
  }

  copy(to: number, from: number, length: number): void {
    this.#within(from, length)
    this.#within(to, length)
    this.bytes.copyWithin(to, from, from + length)
  }

  init(to: number, data: Uint8Array, from: number, length: number): void {
    if (from + length > data.length) throw new Trap('out of bounds')
    this.#within(to, length)
    this.bytes.set(data.subarray(from, from + length), to)
  }

  #within(at: number, size: number): number {
    if (at + size > this.#view.byteLength) throw new Trap('out of bounds')
    return at
  }

  /** What a load gives. */
  load(name: string, from: number): Value {
    const [type = '', what = ''] = name.split('.')
    const full = type.endsWith('32') ? 4 : 8
    const [, narrow, sign] = /load(\d*)(?:_([su]))?/.exec(what) as unknown as string[]
    const size = narrow ? Number(narrow) / 8 : full
    const at = this.#within(from, size)
    let value = 0n
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(at + i))
    if (sign === 's') value = BigInt.asUintN(full * 8, BigInt.asIntN(size * 8, value))
    return full === 4 ? Number(value) : value
  }

  /** Does what a store does. */
  store(name: string, value: Value, to: number): void {
    const [type = '', what = ''] = name.split('.')
    const narrow = /\d+$/.exec(what)?.[0]
    const size = narrow ? Number(narrow) / 8 : type.endsWith('32') ? 4 : 8
    const at = this.#within(to, size)
    for (let i = 0; i < size; i++) {
      this.#view.setUint8(at + i, Number((BigInt(value) >> BigInt(i * 8)) & 0xffn))
    }
  }
}
