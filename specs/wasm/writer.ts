/** Bytes that grow at their end. */
export class Writer {
  #bytes: Uint8Array
  /** How many there are. */
  length = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** What was written. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.length)
  }

  /** Adds one byte. */
  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.length++] = value
  }

  /** Adds some bytes. */
  op(...values: readonly number[]): void {
    for (const value of values) this.byte(value)
  }

  /** Adds a part of other bytes. */
  copy(from: Uint8Array, start: number, end: number): void {
    const count = end - start
    if (this.length + count > this.#bytes.length) this.#grow(count)
    if (count < 24) {
      for (let i = start; i < end; i++) this.#bytes[this.length++] = from[i] as number
    } else {
      this.#bytes.set(from.subarray(start, end), this.length)
      this.length += count
    }
  }

  /** Adds an unsigned number. */
  u32(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Adds a number of 32 bits, not negative, in the form of signed ones. */
  signed(value: number): void {
    let rest = value
    while (rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Adds an opcode and its index. */
  with(op: number, index: number): void {
    this.byte(op)
    this.u32(index)
  }

  /** Adds a name. */
  name(ascii: string): void {
    this.u32(ascii.length)
    for (let i = 0; i < ascii.length; i++) this.byte(ascii.charCodeAt(i))
  }

  /** Leaves room for a length, which `close` fills in; gives the place. */
  open(): number {
    const place = this.length
    this.op(0x80, 0x80, 0x80, 0x80, 0)
    return place
  }

  /** Fills in how much was written since. Five bytes always, so that nothing has to move. */
  close(place: number): void {
    let rest = this.length - place - 5
    for (let i = 0; i < 5; i++) {
      this.#bytes[place + i] = (rest & 0x7f) | (i < 4 ? 0x80 : 0)
      rest >>>= 7
    }
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + by))
    larger.set(this.#bytes.subarray(0, this.length))
    this.#bytes = larger
  }
}
