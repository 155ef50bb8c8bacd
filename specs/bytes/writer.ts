const encoder = new TextEncoder()
const twoTo32 = 2 ** 32

/** Copies up to this length share memory, eight of the longest or more. */
const sharedBytesMax = 2048
let shared = new Uint8Array(8 * sharedBytesMax)
let sharedAt = 0

/** Writes canonical DAG-CBOR: shortest heads, definite lengths, and no item that a schema lacks. */
export class Writer {
  #buffer = new Uint8Array(4096)
  #length = 0

  /** The head of an item: its major type and its argument, in the shortest form. */
  head(major: number, argument: number): void {
    this.#reserve(9)
    const buffer = this.#buffer
    const first = major << 5
    if (argument < 24) {
      buffer[this.#length++] = first | argument
    } else if (argument < 0x100) {
      buffer[this.#length++] = first | 24
      buffer[this.#length++] = argument
    } else if (argument < 0x10000) {
      buffer[this.#length++] = first | 25
      buffer[this.#length++] = argument >>> 8
      buffer[this.#length++] = argument
    } else if (argument < twoTo32) {
      buffer[this.#length++] = first | 26
      this.#uint32(argument)
    } else {
      buffer[this.#length++] = first | 27
      this.#uint32(Math.floor(argument / twoTo32))
      this.#uint32(argument % twoTo32)
    }
  }

  /** A whole number of either sign. */
  int(value: number): void {
    if (value < 0) this.head(1, -1 - value)
    else this.head(0, value)
  }

  /** A byte string. */
  bytes(value: Uint8Array): void {
    this.head(2, value.length)
    this.raw(value)
  }

  /** A byte string of known size, put in place by what spells it; false if that cannot. */
  spelled(
    size: number,
    text: string,
    put: (text: string, into: Uint8Array, at: number) => boolean,
  ) {
    this.head(2, size)
    this.#reserve(size)
    const at = this.#length
    this.#length += size
    return put(text, this.#buffer, at)
  }

  /** A text string. */
  text(value: string): void {
    const length = value.length
    this.#reserve(9 + length)
    const start = this.#length
    this.head(3, length)
    const buffer = this.#buffer
    let at = this.#length
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) {
        this.#length = start
        const utf8 = encoder.encode(value)
        this.head(3, utf8.length)
        this.raw(utf8)
        return
      }
      buffer[at++] = code
    }
    this.#length = at
  }

  /** True or false. */
  bool(value: boolean): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value ? 0xf5 : 0xf4
  }

  /** Bytes that are already encoded. */
  raw(value: Uint8Array): void {
    const { length } = value
    this.#reserve(length)
    const buffer = this.#buffer
    const at = this.#length
    // Most are keys, for which a loop is faster than to copy.
    if (length > 32) buffer.set(value, at)
    else for (let i = 0; i < length; i++) buffer[at + i] = value[i] as number
    this.#length = at + length
  }

  /** All that another has written. */
  all(other: Writer): void {
    this.#reserve(other.#length)
    this.#length = other.copyInto(this.#buffer, this.#length)
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length
  }

  /** Forgets what was written, keeps the room for it. */
  clear(): void {
    this.#length = 0
  }

  /** Forgets what was written behind so many bytes. */
  cut(length: number): void {
    this.#length = length
  }

  /** A copy of what was written. Short ones share their memory: its allocation costs the most. */
  copy(): Uint8Array {
    const length = this.#length
    if (length > sharedBytesMax) return this.#buffer.slice(0, length)
    if (sharedAt + length > shared.length) {
      shared = new Uint8Array(8 * sharedBytesMax)
      sharedAt = 0
    }
    const copy = shared.subarray(sharedAt, sharedAt + length)
    sharedAt = this.copyInto(shared, sharedAt)
    return copy
  }

  /** Puts what was written in its place; gives where it ends. */
  copyInto(into: Uint8Array, at: number): number {
    const length = this.#length
    const buffer = this.#buffer
    if (at + length > into.length) throw new RangeError(`no room for ${length} bytes`)
    // Most are short, for which a loop is faster than a view to copy from.
    if (length > 256) into.set(buffer.subarray(0, length), at)
    else for (let i = 0; i < length; i++) into[at + i] = buffer[i] as number
    return at + length
  }

  /** Whether just these bytes were written. */
  equals(other: Uint8Array): boolean {
    const length = this.#length
    if (other.length !== length) return false
    const buffer = this.#buffer
    // Every byte of every document passes here: four at a time is twice as fast as one by one.
    let i = 0
    for (; i + 3 < length; i += 4) {
      const a = (buffer[i] as number) ^ (other[i] as number)
      const b = (buffer[i + 1] as number) ^ (other[i + 1] as number)
      const c = (buffer[i + 2] as number) ^ (other[i + 2] as number)
      const d = (buffer[i + 3] as number) ^ (other[i + 3] as number)
      if ((a | b | c | d) !== 0) return false
    }
    for (; i < length; i++) if (buffer[i] !== other[i]) return false
    return true
  }

  #uint32(value: number): void {
    const buffer = this.#buffer
    buffer[this.#length++] = value >>> 24
    buffer[this.#length++] = value >>> 16
    buffer[this.#length++] = value >>> 8
    buffer[this.#length++] = value
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    larger.set(this.#buffer)
    this.#buffer = larger
  }
}
