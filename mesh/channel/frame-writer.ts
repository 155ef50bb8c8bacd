import { encode, limits } from '@nexapod/specs'
import type { Direction } from './side.ts'

/** A length takes at most three bytes, the head of a list of `perFrameMax` at most two. */
const lengthBytesMax = 3
const listHeadBytesMax = 2

/** The least room that a batch begins with. */
const firstBytes = 512

/**
 * Writes messages behind each other, in as few frames as they fit, as bytes that can be sent as
 * they are: a batch for each write.
 */
export class FrameWriter<T> {
  readonly #direction: Direction<T>
  readonly #headBytesMax: number
  readonly #frameBytesMax: number
  /** Batches that are as long as one write should be. */
  readonly #full: Uint8Array[] = []
  #fullBytes = 0
  /** The batch that grows, and the frame in it that is still open, with room for its head. */
  #batch = new Uint8Array(0)
  #end = 0
  #frameAt = 0
  #count = 0
  #lastBytes = firstBytes

  constructor(direction: Direction<T>) {
    this.#direction = direction
    const { frame, message } = direction
    this.#headBytesMax = lengthBytesMax + (frame === undefined ? 0 : listHeadBytesMax)
    this.#frameBytesMax = frame === undefined ? message.bytesMax : frame.bytesMax
  }

  /** How many bytes wait to be taken. */
  get bytes(): number {
    return this.#fullBytes + this.#end
  }

  /** The bytes of a message, for `add`. */
  encode(message: T): Uint8Array {
    return encode(this.#direction.message, message)
  }

  /** Puts an encoded message behind the others. */
  add(message: Uint8Array): void {
    const alone = this.#direction.frame === undefined
    const bodyBytes = this.#end - this.#frameAt - this.#headBytesMax
    const tooLong = listHeadBytesMax + bodyBytes + message.length > this.#frameBytesMax
    const whole = alone || this.#count === limits.perFrameMax || bodyBytes >= limits.writeBytesMax
    if (this.#count > 0 && (whole || tooLong)) this.#close()
    if (this.#count === 0) this.#open()
    this.#reserve(message.length)
    this.#batch.set(message, this.#end)
    this.#end += message.length
    this.#count++
  }

  /** The oldest batch, or nothing if no message waits. */
  take(): Uint8Array | undefined {
    const full = this.#full.shift()
    if (full !== undefined) {
      this.#fullBytes -= full.length
      return full
    }
    if (this.#count > 0) this.#close()
    if (this.#end === 0) return undefined
    return this.#cut()
  }

  #open(): void {
    if (this.#end >= limits.writeBytesMax) {
      const full = this.#cut()
      this.#full.push(full)
      this.#fullBytes += full.length
    }
    this.#frameAt = this.#end
    this.#reserve(this.#headBytesMax)
    this.#end += this.#headBytesMax
  }

  /** Puts the head in front of the open frame, and moves the frame up to what stands before it. */
  #close(): void {
    const batch = this.#batch
    let at = this.#frameAt + this.#headBytesMax
    if (this.#direction.frame !== undefined) {
      if (this.#count >= 24) batch[--at] = this.#count
      batch[--at] = this.#count >= 24 ? 0x98 : 0x80 | this.#count
    }
    const length = this.#end - at
    const lengthBytes = length < 0x80 ? 1 : length < 0x4000 ? 2 : 3
    at -= lengthBytes
    for (let i = 0, left = length; i < lengthBytes; i++, left >>>= 7) {
      batch[at + i] = (left & 0x7f) | (i < lengthBytes - 1 ? 0x80 : 0)
    }
    if (at > this.#frameAt) batch.copyWithin(this.#frameAt, at, this.#end)
    this.#end -= at - this.#frameAt
    this.#count = 0
  }

  #cut(): Uint8Array {
    const cut = this.#batch.subarray(0, this.#end)
    this.#lastBytes = Math.max(firstBytes, this.#end)
    this.#batch = new Uint8Array(0)
    this.#end = 0
    return cut
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes
    if (needed <= this.#batch.length) return
    const grown = new Uint8Array(Math.max(needed, this.#batch.length * 2, this.#lastBytes))
    grown.set(this.#batch.subarray(0, this.#end))
    this.#batch = grown
  }
}
