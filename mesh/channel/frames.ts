import { limits } from '@nexapod/specs'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Bucket } from './bucket.ts'
import type { Clock } from './clock.ts'

/** One frame of yamux begins with these many bytes: version, kind, flags, stream, length. */
const headBytes = 12
const dataKind = 0
const pingKind = 2
const opens = 1

/** What is asked of us with a frame, as what it costs to take one: an answer, a whole stream. */
const pingCost = 64
const openCost = 128

/** Whether a stream may be opened now. */
export type MayOpen = () => boolean

/** So many bytes cost to decrypt what a frame costs to take. */
const costBytes = 4 * 1024

/** How far it came, what that costs, and what is wrong with it, if anything. */
export interface Passed {
  readonly bytes: number
  readonly cost: number
  readonly wrong: string | undefined
  /** The next frame opens a stream, and may not yet. */
  readonly early: boolean
}

/** Follows the frames of a connection, whatever pieces they come in, by their heads alone. */
export class Frames {
  readonly #windowBytesMax: number
  readonly #clock: Clock
  readonly #bucket: Bucket
  readonly #head = new Uint8Array(headBytes)
  #headFilled = 0
  #bodyLeft = 0

  constructor(windowBytesMax: number, clock: Clock) {
    this.#windowBytesMax = windowBytesMax
    const { muxerFramesMax, muxerFramesPerSecondMax } = limits
    this.#clock = clock
    const rate = { most: muxerFramesMax, perSecond: muxerFramesPerSecondMax }
    this.#bucket = new Bucket(rate, clock.now())
  }

  /** Goes past whole frames of these bytes, until they cost so much, or one opens too early. */
  pass(data: Uint8ArrayList, costMax: number, mayOpen: MayOpen): Passed {
    let [bytes, cost, asked, early] = [0, 0, 0, false]
    for (const piece of data) {
      if (early) break
      for (let at = 0; at < piece.length; ) {
        if (this.#bodyLeft > 0) {
          const skipped = Math.min(this.#bodyLeft, piece.length - at)
          this.#bodyLeft -= skipped
          at += skipped
          bytes += skipped
          continue
        }
        if (cost >= costMax) break
        this.#head[this.#headFilled++] = piece[at++] as number
        bytes++
        if (this.#headFilled < headBytes) continue
        if (opensStream(this.#head) && !mayOpen()) {
          // The last byte of its head comes again: without it nobody takes the frame.
          this.#headFilled--
          bytes--
          early = true
          break
        }
        this.#headFilled = 0
        this.#bodyLeft = bodyOf(this.#head)
        if (this.#bodyLeft > this.#windowBytesMax) {
          return { bytes, cost, wrong: 'a frame of yamux is longer than any window', early }
        }
        asked += costOf(this.#head)
        cost = asked + bytes / costBytes
      }
    }
    // A message of noise costs to open, even where no frame begins in it.
    const wait = this.#bucket.spend(Math.max(asked, 1), this.#clock.now())
    const wrong = wait > 0 ? 'more frames of yamux than anybody has a use for' : undefined
    return { bytes, cost: Math.max(asked, 1) + bytes / costBytes, wrong, early }
  }
}

function opensStream([, kind, , flags = 0]: Uint8Array): boolean {
  return kind !== pingKind && (flags & opens) !== 0
}

function costOf(head: Uint8Array): number {
  if (head[1] === pingKind) return pingCost
  return opensStream(head) ? 1 + openCost : 1
}

function bodyOf(head: Uint8Array): number {
  if (head[1] !== dataKind) return 0
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(8)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
