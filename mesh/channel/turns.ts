import { type MessageStream, StreamMessageEvent } from '@libp2p/interface'
import { limits } from '@nexapod/specs'
import { Uint8ArrayList } from 'uint8arraylist'
import type { Frames } from './frames.ts'
import { freeRead } from './lent.ts'
import { originOf } from './origin.ts'
import { openings } from './pace.ts'
import { Share } from './share.ts'

/** One event loop, so one row for all connections of the process. */
const share = new Share()

/**
 * Hands on what a connection brings by pieces: `turnFramesMax` in one turn of the loop, and the
 * rest as its turn comes; and streams that strangers open at the pace of all. While some of it
 * waits, its socket is not read, so that TCP slows down whoever sends.
 */
export function inTurns(connection: MessageStream, frames: Frames): void {
  const turns = new Turns(connection, frames)
  // The first to listen is the first to be told, before the muxer takes any of it.
  connection.addEventListener('message', (event) => turns.take(event))
  connection.addEventListener('close', () => turns.over())
}

class Turns {
  readonly #connection: MessageStream
  readonly #frames: Frames
  readonly #backlog = new Uint8ArrayList()
  /** Where it comes from; nowhere, if it is no stranger: pinned, or dialled from here. */
  readonly #network: string | undefined
  #isPassing = false
  #isHeld = false
  #turn = -1
  #left = 0
  /** It may open one stream. */
  #isGranted = false
  #leave: (() => void) | undefined

  constructor(connection: MessageStream, frames: Frames) {
    this.#connection = connection
    this.#frames = frames
    this.#network = connection.direction === 'inbound' ? originOf(connection) : undefined
  }

  take(event: StreamMessageEvent): void {
    if (this.#isPassing) return
    event.stopImmediatePropagation()
    this.#backlog.append(event.data)
    if (this.#isHeld) return
    if (this.#piece()) share.wait(this.#piece)
    if (this.#backlog.byteLength > 0) this.#hold()
  }

  over(): void {
    share.leave(this.#piece)
    this.#leave?.()
    if (this.#backlog.byteLength > 0) this.#backlog.consume(this.#backlog.byteLength)
  }

  /** Hands on as much as is left of its share; whether more of it waits for its turn. */
  readonly #piece = (): boolean => {
    const backlog = this.#backlog
    if (this.#turn !== share.turn()) {
      this.#turn = share.turn()
      this.#left = limits.turnFramesMax
    }
    if (this.#left > 0) {
      const { bytes, cost, wrong, early } = this.#frames.pass(backlog, this.#left, this.#mayOpen)
      this.#left -= cost
      if (wrong !== undefined) {
        this.#connection.abort(new Error(wrong))
        return false
      }
      const data = backlog.sublist(0, bytes)
      backlog.consume(bytes)
      this.#isPassing = true
      if (bytes > 0) this.#connection.dispatchEvent(new StreamMessageEvent(data))
      this.#isPassing = false
      // All of it was read, and what is kept of it is copied.
      for (const part of data) freeRead(part)
      if (early) {
        this.#awaitOpening()
        return false
      }
    }
    if (backlog.byteLength === 0 && this.#isHeld) this.#release()
    return backlog.byteLength > 0
  }

  readonly #mayOpen = (): boolean => {
    if (this.#network === undefined) return true
    const may = this.#isGranted || openings.take(limits.streamGapMs)
    this.#isGranted = false
    return may
  }

  /** Nothing more of this connection is taken before it may open its stream. */
  #awaitOpening(): void {
    if (this.#connection.status !== 'open') return
    this.#leave = openings.wait(this.#network ?? '', () => {
      this.#leave = undefined
      this.#isGranted = true
      if (this.#piece()) share.wait(this.#piece)
      return limits.streamGapMs
    })
  }

  #hold(): void {
    if (this.#connection.status !== 'open') return
    this.#isHeld = true
    this.#connection.pause()
  }

  /** Reads on. What was decrypted before the socket stood still comes at once, and waits again. */
  #release(): void {
    if (this.#connection.status === 'open') this.#connection.resume()
    this.#isHeld = false
    if (this.#backlog.byteLength > 0) this.#hold()
  }
}
