import type { Uint8ArrayList } from 'uint8arraylist'
import { freeWhole } from './lent.ts'

const headBytes = 2
/** A message of noise with its length in front. */
const messageBytesMax = headBytes + 65_535

/** Buffers for messages of which a part has come, kept for the next: as many as come at once. */
const kept: Buffer[] = []
const keptMax = 16
/** What is set aside for a message of which less has come: a byte of it must not cost 64 KiB. */
const littleBytes = 1024

/**
 * The messages of noise out of the pieces in which they come, each in one piece: as it came, or put
 * together in memory that others use after it. Each is lent until the next is asked for.
 */
export class Messages {
  #part: Buffer | undefined
  #filled = 0

  /** Begins with what has come of a message already. */
  constructor(come: Uint8ArrayList) {
    for (const _ of this.decode(come)) throw new Error('a message that nobody has read')
  }

  *decode(data: Uint8Array | Uint8ArrayList): Generator<Uint8Array> {
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      let at = 0
      while (at < piece.length) {
        const end = this.#part === undefined ? at + bytesOf(piece.subarray(at)) : Infinity
        if (end <= piece.length) {
          if (end - at > headBytes) yield piece.subarray(at + headBytes, end)
          at = end
        } else {
          at += this.#fill(piece.subarray(at))
          yield* this.#whole()
        }
      }
      freeWhole(piece)
    }
  }

  /** Takes of these bytes what belongs to the message that has begun; how many. */
  #fill(bytes: Uint8Array): number {
    const wanted = this.#filled < headBytes ? headBytes : bytesOf(this.#part as Buffer)
    const taken = bytes.subarray(0, wanted - this.#filled)
    const part = this.#room(this.#filled + taken.length)
    part.set(taken, this.#filled)
    this.#filled += taken.length
    return taken.length
  }

  /** Room for so many bytes of a message: little, until much has come. */
  #room(bytes: number): Buffer {
    const before = this.#part
    if (before !== undefined && bytes <= before.length) return before
    const little = bytes <= littleBytes
    const part = little ? Buffer.allocUnsafeSlow(littleBytes) : takeWhole()
    if (before !== undefined) part.set(before.subarray(0, this.#filled))
    this.#part = part
    return part
  }

  /** The message that was put together, if all of it is there. */
  *#whole(): Generator<Uint8Array> {
    const part = this.#part
    if (part === undefined || this.#filled < bytesOf(part.subarray(0, this.#filled))) return
    const whole = part.subarray(headBytes, this.#filled)
    this.#part = undefined
    this.#filled = 0
    if (whole.length > 0) yield whole
    if (part.length === messageBytesMax && kept.length < keptMax) kept.push(part)
  }
}

function takeWhole(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(messageBytesMax)
}

/** How long the message is that begins here, its length included; endless if that is not there. */
function bytesOf(bytes: Uint8Array): number {
  const [high, low] = bytes
  return high === undefined || low === undefined ? Infinity : headBytes + high * 256 + low
}
