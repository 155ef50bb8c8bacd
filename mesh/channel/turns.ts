import { type MessageStream, StreamMessageEvent } from '@libp2p/interface'
import { limits } from '@nexapod/specs'
import { Uint8ArrayList } from 'uint8arraylist'
import type { Frames } from './frames.ts'
import { freeRead } from './lent.ts'
import { Share } from './share.ts'

/** One event loop, so one row for all connections of the process. */
const share = new Share()

/**
 * Hands on what a connection brings by pieces: `turnFramesMax` in one turn of the loop, and the
 * rest as its turn comes. While some of it waits, its socket is not read, so that TCP slows down
 * whoever sends.
 */
export function inTurns(connection: MessageStream, frames: Frames): void {
  const backlog = new Uint8ArrayList()
  let [isPassing, isHeld] = [false, false]
  let [turn, left] = [-1, 0]
  /** Hands on as much as is left of its share; whether some of it waits. */
  const piece = () => {
    if (turn !== share.turn()) {
      turn = share.turn()
      left = limits.turnFramesMax
    }
    if (left > 0) {
      const { bytes, cost, wrong } = frames.pass(backlog, left)
      left -= cost
      if (wrong !== undefined) {
        connection.abort(new Error(wrong))
        return false
      }
      const data = backlog.sublist(0, bytes)
      backlog.consume(bytes)
      isPassing = true
      connection.dispatchEvent(new StreamMessageEvent(data))
      isPassing = false
      // All of it was read, and what is kept of it is copied.
      for (const part of data) freeRead(part)
    }
    if (backlog.byteLength === 0 && isHeld) release()
    return backlog.byteLength > 0
  }
  const hold = () => {
    if (connection.status !== 'open') return
    isHeld = true
    connection.pause()
  }
  /** Reads on. What was decrypted before the socket stood still comes at once, and waits again. */
  const release = () => {
    if (connection.status === 'open') connection.resume()
    isHeld = false
    if (backlog.byteLength > 0) hold()
  }
  // The first to listen is the first to be told, before the muxer takes any of it.
  connection.addEventListener('message', (event) => {
    if (isPassing) return
    event.stopImmediatePropagation()
    backlog.append(event.data)
    if (isHeld || !piece()) return
    share.wait(piece)
    hold()
  })
  connection.addEventListener('close', () => {
    share.leave(piece)
    if (backlog.byteLength > 0) backlog.consume(backlog.byteLength)
  })
}
