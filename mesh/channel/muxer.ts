import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { limits } from '@nexapod/specs'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Bucket } from './bucket.ts'
import { type Clock, machineClock } from './clock.ts'
import { unheld } from './decoder.ts'
import { free } from './lent.ts'

/**
 * Yamux with the bounds that it lacks. It waits for a frame of any length to be complete before it
 * looks at it, answers whoever does not read, and takes frames of one byte as fast as they come:
 * one connection fills any memory, or takes all the time there is. Such a one is cut, and so is who
 * sends a frame longer than the window can be.
 */
export function bounded<C>(
  make: (components: C) => StreamMuxerFactory,
  windowBytesMax: number = limits.streamWindowBytes,
): (components: C) => StreamMuxerFactory {
  return (components) => {
    const factory = make(components)
    const create = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer(connection: MessageStream): StreamMuxer {
        // What waits here was not sent by streams, which stop when told, but as answers to frames.
        connection.maxWriteBufferLength = limits.muxerAnswersBytesMax
        const frames = new Frames(windowBytesMax, machineClock)
        // The first to listen is the first to be told, before the muxer takes any of it.
        connection.addEventListener('message', ({ data }) => {
          const wrong = frames.pass(data)
          if (wrong !== undefined) connection.abort(new Error(wrong))
        })
        const muxer = unheld(create(connection))
        // The last to listen: all of it was read, and what is kept of it is copied.
        connection.addEventListener('message', ({ data }) => {
          for (const piece of data instanceof Uint8Array ? [data] : data) free(piece)
        })
        return muxer
      },
    })
  }
}

/** One frame of yamux begins with these many bytes: version, kind, flags, stream, length. */
const headBytes = 12
const dataKind = 0
const pingKind = 2
const opens = 1

/** What is asked of us with a frame, as what it costs to take one: an answer, a whole stream. */
const pingCost = 64
const openCost = 128

/** Follows the frames of a connection, whatever pieces they come in, by their heads alone. */
class Frames {
  readonly #windowBytesMax: number
  readonly #clock: Clock
  readonly #bucket: Bucket
  readonly #head = new Uint8Array(headBytes)
  #headFilled = 0
  #bodyLeft = 0
  #cost = 0

  constructor(windowBytesMax: number, clock: Clock) {
    this.#windowBytesMax = windowBytesMax
    const { muxerFramesMax, muxerFramesPerSecondMax } = limits
    this.#clock = clock
    const rate = { most: muxerFramesMax, perSecond: muxerFramesPerSecondMax }
    this.#bucket = new Bucket(rate, clock.now())
  }

  /** What is wrong with the frames that begin in these bytes, if anything. */
  pass(data: Uint8Array | Uint8ArrayList): string | undefined {
    this.#cost = 0
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      if (!this.#passPiece(piece)) return 'a frame of yamux is longer than any window'
    }
    const wait = this.#bucket.spend(this.#cost, this.#clock.now())
    return wait > 0 ? 'more frames of yamux than anybody has a use for' : undefined
  }

  #passPiece(piece: Uint8Array): boolean {
    let at = 0
    while (at < piece.length) {
      if (this.#bodyLeft > 0) {
        const skipped = Math.min(this.#bodyLeft, piece.length - at)
        this.#bodyLeft -= skipped
        at += skipped
        continue
      }
      this.#head[this.#headFilled++] = piece[at++] as number
      if (this.#headFilled < headBytes) continue
      this.#headFilled = 0
      this.#bodyLeft = this.#begin()
      if (this.#bodyLeft > this.#windowBytesMax) return false
    }
    return true
  }

  /** Counts the frame whose head is there; how many bytes follow it. */
  #begin(): number {
    const head = this.#head
    this.#cost += head[1] === pingKind ? pingCost : 1
    if (((head[3] as number) & opens) !== 0 && head[1] !== pingKind) this.#cost += openCost
    return head[1] === dataKind ? lengthIn(head) : 0
  }
}

function lengthIn(head: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(8)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
