import type { Stream } from '@libp2p/interface'
import { limits, type Refusal } from '@nexapod/specs'
import { lendTo } from './lent.ts'
import type { Ear, Pipe } from './pipe.ts'

/** What every stream of libp2p 3 has and its interface lacks: its window without its buffer. */
interface Windowed {
  sendPause(): void
  sendResume(): void
}

/**
 * A libp2p stream as a pipe. What the library leaves to its callers, and what `onDrain` and
 * `lpStream` get wrong, is here: channel.md says what.
 */
export function pipeOf(stream: Stream): Pipe {
  if (!isWindowed(stream)) throw new TypeError(`a stream without a window: ${stream.protocol}`)
  return new StreamPipe(stream)
}

function isWindowed(stream: Stream): stream is Stream & Windowed {
  return 'sendPause' in stream && 'sendResume' in stream
}

/** What of a frame of yamux fits into one message of noise. */
const pieceBytes = 65_535 - 16 - 12

class StreamPipe implements Pipe {
  readonly #stream: Stream & Windowed
  #ear: Ear | undefined
  #closing = false
  #ended = false
  #paused = false
  /** Bytes that came since the other end was allowed more. */
  #unallowed = 0
  /** Somebody was told that there is no room, and waits for `drained`. */
  #waiting = false
  #looking = false

  constructor(stream: Stream & Windowed) {
    this.#stream = stream
  }

  listen(ear: Ear): void {
    if (this.#ear !== undefined) throw new Error('a pipe has one ear')
    this.#ear = ear
    const stream = this.#stream
    // From now on the window is ours. Not by `pause()`: that keeps every piece as a view, and
    // 256 KiB in frames of one byte are 30 MB.
    if (!isOver(stream)) stream.sendPause()
    lendTo(stream)
    stream.addEventListener('message', ({ data }) => {
      if (data instanceof Uint8Array) this.#ear?.data(data)
      else for (const piece of data) this.#ear?.data(piece)
      this.#unallowed += data.byteLength
      this.#allow()
    })
    stream.addEventListener('drain', () => this.#look())
    stream.addEventListener('idle', () => this.#look())
    stream.addEventListener('end', () => this.#end())
    stream.addEventListener('close', () => this.#over())
    // What happened before anybody listened is told after what had come until then, which libp2p
    // gives in a microtask too.
    queueMicrotask(() => {
      if (isOver(stream)) this.#over()
      else if (stream.readableEnded) this.#end()
    })
  }

  get hasRoom(): boolean {
    const { writeStatus, writableNeedsDrain, writeBufferLength } = this.#stream
    return writeStatus === 'writable' && !writableNeedsDrain && writeBufferLength === 0
  }

  send(bytes: Uint8Array): boolean {
    const stream = this.#stream
    if (stream.writeStatus !== 'writable') return false
    try {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        stream.send(bytes.subarray(at, at + pieceBytes))
      }
    } catch (cause) {
      // The connection went while it was written to: libp2p says so by throwing.
      stream.abort(new Error('the stream broke', { cause }))
      return false
    }
    if (this.hasRoom) return true
    this.#waiting = true
    return false
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#allow()
  }

  /** Gives the window back by quarters: the library would answer each frame with a frame. */
  #allow(): void {
    if (this.#paused || this.#unallowed < limits.streamWindowBytes / 4 || isOver(this.#stream))
      return
    this.#unallowed = 0
    this.#stream.sendResume()
    this.#stream.sendPause()
  }

  close(): void {
    if (this.#closing || this.#stream.writeStatus !== 'writable') return
    this.#closing = true
    // It waits for the other end to read; a stream that breaks meanwhile has nothing to wait for.
    this.#stream.close().catch((cause: unknown) => {
      this.#stream.abort(new Error('the stream broke', { cause }))
    })
  }

  abort(refusal: Refusal): void {
    this.#stream.abort(new Error(refusal.code))
  }

  /**
   * Tells of room once there is some. Not at once: the library says `drain` before it writes what
   * it holds, and forgets what is sent while it says `idle`.
   */
  #look(): void {
    if (!this.#waiting || this.#looking) return
    this.#looking = true
    queueMicrotask(() => {
      this.#looking = false
      if (!this.#waiting || !this.hasRoom) return
      this.#waiting = false
      this.#ear?.drained()
    })
  }

  /** The library says `end` of a stream that was aborted, too. */
  #end(): void {
    if (this.#ended || isOver(this.#stream)) return
    this.#ended = true
    this.#ear?.ended()
  }

  #over(): void {
    const ear = this.#ear
    this.#ear = undefined
    ear?.closed(this.#closing && this.#ended)
  }
}

function isOver({ status }: Stream): boolean {
  return status === 'closed' || status === 'aborted' || status === 'reset'
}
