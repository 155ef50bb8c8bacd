import type { Code } from '../refusal/refusals.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const twoTo32 = 2 ** 32
const kinds = ['an integer', 'a negative integer', 'bytes', 'text', 'a list', 'a map', 'a tag']

/**
 * Thrown inside a read and caught by `decode`, never outside. It is no Error: collecting a stack
 * for every hostile message would cost more than reading it.
 */
export class Unreadable {
  readonly code: Code
  readonly at: number
  readonly key: string
  readonly detail: string
  constructor(code: Code, at: number, key: string, detail: string) {
    this.code = code
    this.at = at
    this.key = key
    this.detail = detail
  }
}

/** Reads canonical DAG-CBOR and nothing else; the first item that is not canonical ends it. */
export class Reader {
  readonly input: Uint8Array
  /** The offset of the next byte. */
  at = 0
  /** The key whose value is being read: it names the place in a refusal. */
  key = ''

  constructor(input: Uint8Array) {
    // A Buffer's slice is no copy: a plain view of the same bytes behaves the same everywhere.
    const { buffer, byteOffset, length } = input
    this.input =
      input.constructor === Uint8Array ? input : new Uint8Array(buffer, byteOffset, length)
  }

  /** Ends the read with a refusal. */
  refuse(code: Code, detail: string, at = this.at): never {
    throw new Unreadable(code, at, this.key, detail)
  }

  /** The argument of the next head, which must be of this major type and in its shortest form. */
  head(major: number): number {
    const start = this.at
    const first = this.#byte()
    if (first >> 5 !== major) this.#wrong(first, kinds[major] as string, start)
    const low = first & 31
    if (low < 24) return low
    if (low === 24) return this.#atLeast(24, this.#byte(), start)
    if (low === 25) return this.#atLeast(0x100, this.#uint16(), start)
    if (low === 26) return this.#atLeast(0x10000, this.#uint32(), start)
    if (low === 27) return this.#uint53(start)
    if (low === 31) return this.refuse('bytes.indefinite', 'give the length first', start)
    return this.refuse('bytes.reserved', 'a head with reserved bits', start)
  }

  /** A whole number of either sign. */
  int(): number {
    const first = this.input[this.at]
    if (first === undefined || first >> 5 !== 1) return this.head(0)
    const start = this.at
    const argument = this.head(1)
    if (argument < Number.MAX_SAFE_INTEGER) return -1 - argument
    return this.refuse('bytes.integer', 'integers begin at -(2^53 - 1)', start)
  }

  /** A view of a byte string of at most so many bytes. */
  bytes(max: number): Uint8Array {
    return this.#take(2, max)
  }

  /** A text of at most so many bytes in UTF-8. */
  text(max: number): string {
    const start = this.at
    const taken = this.#take(3, max)
    let ascii = ''
    if (taken.length <= 64) {
      for (let i = 0; i < taken.length; i++) {
        const code = taken[i] as number
        if (code > 0x7f) return this.#utf8(taken, start)
        ascii += String.fromCharCode(code)
      }
      return ascii
    }
    return this.#utf8(taken, start)
  }

  /** True or false. */
  bool(): boolean {
    const start = this.at
    const first = this.#byte()
    if (first === 0xf5) return true
    if (first === 0xf4) return false
    return this.#wrong(first, 'true or false', start)
  }

  /** Whether these bytes come next; passes over them if so. */
  skipIf(expected: Uint8Array): boolean {
    const { input, at } = this
    for (let i = 0; i < expected.length; i++) if (input[at + i] !== expected[i]) return false
    this.at = at + expected.length
    return true
  }

  /** Passes over one item, whatever it is, down to this many levels. */
  skip(depth: number): void {
    const start = this.at
    if (depth < 0) this.refuse('bytes.depth', 'nested too deeply')
    const first = this.input[this.at]
    if (first === undefined) this.refuse('bytes.truncated', 'the input ends here')
    const major = first >> 5
    if (major === 7) {
      this.bool()
      return
    }
    const argument = this.head(major)
    if (major === 2 || major === 3) this.pass(argument, start)
    if (major === 6) this.skip(depth - 1)
    if (major === 4) for (let i = 0; i < argument; i++) this.skip(depth - 1)
    if (major === 5) for (let i = 0; i < argument * 2; i++) this.skip(depth - 1)
  }

  /** Passes over so many bytes of the item that begins at `start`; gives where they begin. */
  pass(length: number, start: number): number {
    const { at } = this
    if (length > this.input.length - at) {
      this.refuse('bytes.truncated', `${length} bytes announced, fewer follow`, start)
    }
    this.at = at + length
    return at
  }

  /** Asserts that nothing follows. */
  end(): void {
    if (this.at !== this.input.length) this.refuse('bytes.trailing', 'bytes after the document')
  }

  #take(major: number, max: number): Uint8Array {
    const start = this.at
    const length = this.head(major)
    if (length > max) this.refuse('document.bounds', `at most ${max} bytes, found ${length}`, start)
    const at = this.pass(length, start)
    return this.input.subarray(at, this.at)
  }

  #utf8(taken: Uint8Array, start: number): string {
    try {
      return utf8.decode(taken)
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause
      return this.refuse('bytes.utf8', 'text that is not UTF-8', start)
    }
  }

  #byte(): number {
    const byte = this.input[this.at]
    if (byte === undefined) return this.refuse('bytes.truncated', 'the input ends here')
    this.at++
    return byte
  }

  #uint16(): number {
    return this.#byte() * 0x100 + this.#byte()
  }

  #uint32(): number {
    return this.#uint16() * 0x10000 + this.#uint16()
  }

  #uint53(start: number): number {
    const high = this.#uint32()
    const low = this.#uint32()
    if (high > 0x1fffff) this.refuse('bytes.integer', 'integers end at 2^53 - 1', start)
    return this.#atLeast(twoTo32, high * twoTo32 + low, start)
  }

  #atLeast(least: number, value: number, start: number): number {
    if (value < least) this.refuse('bytes.not-shortest', `${value} has a shorter form`, start)
    return value
  }

  #wrong(first: number, expected: string, start: number): never {
    if (first >= 0xf9 && first <= 0xfb) this.refuse('bytes.float', 'no floats in documents', start)
    if ((first & 31) === 31) this.refuse('bytes.indefinite', 'give the length first', start)
    const found = kinds[first >> 5] ?? 'a simple value'
    return this.refuse('document.type', `expected ${expected}, found ${found}`, start)
  }
}
