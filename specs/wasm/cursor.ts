import type { Code } from '../refusal/refusals.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Thrown while a module is read and caught by `prepare`, never outside. It is no Error: collecting
 * a stack for every hostile module would cost more than reading it.
 */
export class Unfit {
  readonly code: Code
  readonly at: number
  readonly detail: string
  constructor(code: Code, at: number, detail: string) {
    this.code = code
    this.at = at
    this.detail = detail
  }
}

/** Reads the binary format of WebAssembly; the first byte that does not fit ends it. */
export class Cursor {
  readonly bytes: Uint8Array
  /** The offset of the next byte. */
  at = 0
  /** Where what is being read ends: the module, a section or a body. */
  end: number

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.end = bytes.length
  }

  /** Ends the read: the bytes are no valid module. */
  malformed(detail: string, at = this.at): never {
    throw new Unfit('wasm.malformed', at, detail)
  }

  /** Ends the read: the profile leaves this out. */
  feature(detail: string, at = this.at): never {
    throw new Unfit('wasm.feature', at, detail)
  }

  /** Ends the read if there is more of something than the profile allows. */
  bound(count: number, max: number, what: string, at = this.at): void {
    if (count > max) throw new Unfit('wasm.bound', at, `at most ${max} ${what}`)
  }

  /** The next byte. */
  byte(): number {
    if (this.at >= this.end) this.malformed('the bytes end here')
    return this.bytes[this.at++] as number
  }

  /** The next unsigned number of 32 bits. */
  u32(): number {
    const start = this.at
    const first = this.byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.byte()
    if (last > 0x0f) this.malformed('a number beyond 32 bits', start)
    return (value | (last << 28)) >>> 0
  }

  /** The next signed number of 32 bits. */
  s32(): number {
    const start = this.at
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift)
    }
    const last = this.byte()
    // Bits beyond the 32nd repeat the sign.
    if (last > 0x0f && (last < 0x78 || last > 0x7f)) {
      this.malformed('a number beyond 32 bits', start)
    }
    if (last < 0x10 && (last & 0x08) !== 0) this.malformed('a number beyond 32 bits', start)
    if (last >= 0x78 && (last & 0x08) === 0) this.malformed('a number beyond 32 bits', start)
    return value | (last << 28)
  }

  /** Passes over a signed number of 64 bits. */
  s64(): void {
    const start = this.at
    for (let i = 0; i < 9; i++) if (this.byte() < 0x80) return
    const last = this.byte()
    if (last !== 0 && last !== 0x7f) this.malformed('a number beyond 64 bits', start)
  }

  /** Passes over so many bytes; gives where they begin. */
  skip(count: number): number {
    const { at } = this
    if (count > this.end - at) this.malformed(`${count} bytes announced, fewer follow`)
    this.at = at + count
    return at
  }

  /** A name. */
  name(): string {
    const length = this.u32()
    const start = this.skip(length)
    try {
      return utf8.decode(this.bytes.subarray(start, start + length))
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause
      return this.malformed('a name that is no UTF-8', start)
    }
  }
}
