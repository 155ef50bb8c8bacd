import type { Stream, StreamMuxer } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { isLentTo, isOwned } from './lent.ts'

/** One frame of yamux begins with these many bytes: version, kind, flags, stream, length. */
const headBytes = 12
const dataKind = 0
/** Flags of the end of a stream, which belong to the last bytes of a frame. */
const ending = 4 | 8

interface Head {
  readonly type: number
  readonly flag: number
  readonly streamID: number
  readonly length: number
}

/** A frame as the library takes it. */
interface Frame {
  readonly header: Head
  readonly data?: Uint8ArrayList
}

/** What the library's muxer has and its interface lacks. */
interface Muxer extends StreamMuxer {
  decoder: { emitFrames(data: Uint8Array | Uint8ArrayList): Iterable<Frame> }
  readonly streams: (Stream & { readonly streamId: number })[]
}

/**
 * Has a muxer read its frames with what is here. What has come of a frame in a large message goes
 * on to its stream as a frame of its own: then nothing is held that is to be freed.
 */
export function unheld(muxer: StreamMuxer): StreamMuxer {
  if (!isDecoding(muxer)) throw new TypeError('a muxer without a decoder')
  const copies = (streamID: number) => {
    const stream = muxer.streams.find((one) => one.streamId === streamID)
    return stream !== undefined && isLentTo(stream)
  }
  muxer.decoder = new Decoder(copies)
  return muxer
}

function isDecoding(muxer: StreamMuxer): muxer is Muxer {
  return 'decoder' in muxer && 'streams' in muxer
}

class Decoder {
  readonly #copies: (streamID: number) => boolean
  readonly #head = new Uint8Array(headBytes)
  #headFilled = 0
  /** The frame of which data is still to come, and how much. */
  #open: Head | undefined
  /** Little pieces of it: each that went on alone would be answered. */
  #held = new Uint8ArrayList()

  constructor(copies: (streamID: number) => boolean) {
    this.#copies = copies
  }

  *emitFrames(data: Uint8Array | Uint8ArrayList): Generator<Frame> {
    for (const piece of data instanceof Uint8Array ? [data] : data) yield* this.#pass(piece)
  }

  *#pass(piece: Uint8Array): Generator<Frame> {
    let at = 0
    while (at < piece.length) {
      if (this.#open !== undefined) {
        const part = piece.subarray(at, at + this.#open.length)
        at += part.length
        yield* this.#part(this.#open, part)
        continue
      }
      this.#head[this.#headFilled++] = piece[at++] as number
      if (this.#headFilled < headBytes) continue
      this.#headFilled = 0
      const header = headOf(this.#head)
      if (header.type !== dataKind) yield { header }
      else if (header.length === 0) yield { header, data: new Uint8ArrayList() }
      else this.#open = header
    }
  }

  /** What goes on of a frame; nothing yet, if little has come and there is more to come. */
  *#part(open: Head, part: Uint8Array): Generator<Frame> {
    const left = open.length - part.length
    this.#open = left > 0 ? { ...open, length: left } : undefined
    const owned = isOwned(part)
    const kept = owned && !this.#copies(open.streamID)
    this.#held.append(kept ? part.slice() : part)
    if (left > 0 && !owned) return
    const data = this.#held
    this.#held = new Uint8ArrayList()
    const flag = left > 0 ? open.flag & ~ending : open.flag
    if (this.#open !== undefined) this.#open = { ...this.#open, flag: open.flag & ending }
    yield { header: { ...open, flag, length: data.byteLength }, data }
  }
}

function headOf(head: Uint8Array): Head {
  const view = new DataView(head.buffer)
  if (head[0] !== 0) throw new Error('a frame of another version of yamux')
  return {
    type: view.getUint8(1),
    flag: view.getUint16(2),
    streamID: view.getUint32(4),
    length: view.getUint32(8),
  }
}
