import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { limits } from '@nexapod/specs'
import type { Uint8ArrayList } from 'uint8arraylist'

/** One frame of yamux begins with these many bytes; the last four are a length. */
const headBytes = 12
const dataFrame = 0

/**
 * Yamux with the bounds that it lacks. It waits for a frame of any length to be complete before it
 * looks at it, and answers whoever does not read: with either one connection fills any memory.
 */
export function bounded<C>(
  make: (components: C) => StreamMuxerFactory,
): (components: C) => StreamMuxerFactory {
  return (components) => {
    const factory = make(components)
    const create = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer(connection: MessageStream): StreamMuxer {
        // What waits here was not sent by streams, which stop when told, but as answers to frames.
        connection.maxWriteBufferLength = limits.muxerAnswersBytesMax
        const lengths = new Lengths()
        // The first to listen is the first to be told, before the muxer takes any of it.
        connection.addEventListener('message', ({ data }) => {
          if (lengths.pass(data)) return
          connection.abort(new Error('a frame of yamux is longer than any window'))
        })
        return create(connection)
      },
    })
  }
}

/** Follows the frames of a connection, whatever pieces they come in, by their lengths alone. */
class Lengths {
  readonly #head = new Uint8Array(headBytes)
  #headFilled = 0
  #bodyLeft = 0

  /** Whether all frames that begin in these bytes are short enough. */
  pass(data: Uint8Array | Uint8ArrayList): boolean {
    if (data instanceof Uint8Array) return this.#passPiece(data)
    for (const piece of data) if (!this.#passPiece(piece)) return false
    return true
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
      if (this.#head[1] !== dataFrame) continue
      this.#bodyLeft = lengthIn(this.#head)
      if (this.#bodyLeft > limits.windowBytes) return false
    }
    return true
  }
}

function lengthIn(head: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = head.subarray(8)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}
