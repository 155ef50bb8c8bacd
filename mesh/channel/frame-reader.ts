import { type Code, type Refusal, refusalOf } from '@nexapod/specs'

/** What a reader of frames needs of the one that it reads for. */
export interface Taker {
  /** Here is a frame, which is its own memory; false to stop behind it. */
  take(frame: Uint8Array): boolean
  /** Whether so many more bytes may be held. */
  hold(bytes: number): boolean
  /** So many bytes are not held any more. */
  release(bytes: number): void
}

/** The least that is set aside for a frame, and what it grows from. */
const firstBytes = 256

/**
 * Finds the frames in bytes that come in any pieces. A length is checked before anything is set
 * aside for it, and never more is set aside than twice what has come.
 */
export class FrameReader {
  readonly #bytesMax: number
  readonly #taker: Taker
  /** The length in front of a frame, as far as it was read. */
  #length = 0
  #lengthBytes = 0
  #lengthRead = false
  /** The frame, as far as it has come. */
  #frame: Uint8Array | undefined
  #filled = 0

  constructor(bytesMax: number, taker: Taker) {
    this.#bytesMax = bytesMax
    this.#taker = taker
  }

  /** Whether it stands between two frames. */
  get isBetween(): boolean {
    return !this.#lengthRead && this.#lengthBytes === 0
  }

  /** Reads until the end or until the taker stops; how many bytes were read, or what is wrong. */
  read(bytes: Uint8Array): number | Refusal {
    let at = 0
    while (at < bytes.length) {
      if (!this.#lengthRead) {
        const wrong = this.#readLength(bytes[at++] as number)
        if (wrong !== undefined) return wrong
        continue
      }
      const missing = this.#length - this.#filled
      const there = Math.min(missing, bytes.length - at)
      let frame: Uint8Array | undefined
      if (there === this.#length) {
        frame = bytes.slice(at, at + there)
      } else {
        if (!this.#grow(this.#filled + there)) return refusalOf('wire.full')
        this.#frame?.set(bytes.subarray(at, at + there), this.#filled)
        this.#filled += there
        if (there === missing) frame = this.#frame
      }
      at += there
      if (frame === undefined) continue
      this.#next()
      if (!this.#taker.take(frame)) return at
    }
    return at
  }

  /** Takes one byte of a length in; says what is wrong with it. */
  #readLength(byte: number): Refusal | undefined {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes
    this.#lengthBytes++
    // With another byte to come it is at least 128 to the power of those that were read.
    const least = byte < 0x80 ? this.#length : 128 ** this.#lengthBytes
    if (least > this.#bytesMax) return this.#wrong('bytes.too-large', `found ${least} or more`)
    if (byte >= 0x80) return undefined
    if (byte === 0 && this.#lengthBytes > 1) return this.#wrong('bytes.not-shortest', 'a length')
    if (this.#length === 0) return this.#wrong('bytes.truncated', 'found 0')
    this.#lengthRead = true
    return undefined
  }

  #wrong(code: Code, found: string): Refusal {
    return refusalOf(code, { detail: `a frame has 1 to ${this.#bytesMax} bytes, ${found}` })
  }

  /** Sets memory aside for so many bytes of the frame that has begun. */
  #grow(bytes: number): boolean {
    const before = this.#frame?.length ?? 0
    if (bytes <= before) return true
    const size = Math.min(this.#length, Math.max(bytes, before * 2, firstBytes))
    if (!this.#taker.hold(size - before)) return false
    const grown = new Uint8Array(size)
    if (this.#frame !== undefined) grown.set(this.#frame.subarray(0, this.#filled))
    this.#frame = grown
    return true
  }

  #next(): void {
    this.#taker.release(this.#frame?.length ?? 0)
    this.#frame = undefined
    this.#filled = 0
    this.#length = 0
    this.#lengthBytes = 0
    this.#lengthRead = false
  }
}
