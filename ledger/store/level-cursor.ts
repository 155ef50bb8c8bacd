/**
 * Reads the numbers and texts that LevelDB writes one behind the other. What cannot be read is 0 or
 * empty, and so is all that follows: whoever reads asks once, in the end, whether it `failed`.
 */
export class Cursor {
  readonly #bytes: Uint8Array
  #at = 0
  #failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether there was something other than what was asked for. */
  get failed(): boolean {
    return this.#failed
  }

  /** Whether nothing is left, or nothing that can be read. */
  get ended(): boolean {
    return this.#failed || this.#at === this.#bytes.length
  }

  /** A number of seven bits a byte, the lowest first, in as few bytes as it takes. */
  varint(): number {
    let number = 0
    for (let factor = 1; !this.ended; factor *= 128) {
      const byte = this.#bytes[this.#at++] as number
      number += (byte & 127) * factor
      if (!Number.isSafeInteger(number)) break
      if (byte >= 128) continue
      if (byte === 0 && factor > 1) break
      return number
    }
    this.#failed = true
    return 0
  }

  /** So many bytes. */
  take(length: number): Uint8Array {
    const from = this.#at
    if (this.#failed || length > this.#bytes.length - from) {
      this.#failed = true
      return new Uint8Array()
    }
    this.#at += length
    return this.#bytes.subarray(from, this.#at)
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at)
  }
}
