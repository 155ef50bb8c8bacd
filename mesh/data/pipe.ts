import type { Stream } from '@libp2p/interface'
import { type Answer, accept, decode, encode, refuse, type Schema } from '@nexapod/specs'
import { Uint8ArrayList } from 'uint8arraylist'
import { varintBytes, writeVarint } from './protobuf.ts'

/** Bytes both ways, with no more of them held than somebody reads. */
export interface Pipe {
  /** The next bytes, so many; undefined if the other side ended before. */
  read(bytes: number): Promise<Uint8Array | undefined>
  /** Resolves when there is room for more; false if the other side is gone. */
  write(...pieces: readonly Uint8Array[]): Promise<boolean>
  end(): Promise<void>
  abort(reason: string): void
}

/** What a stream may hold unread before its sender is told to wait. */
const unreadBytesMax = 256 * 1024

/** A libp2p stream as a pipe. */
export class StreamPipe implements Pipe {
  readonly #stream: Stream
  readonly #unread = new Uint8ArrayList()
  #into: { bytes: Uint8Array; filled: number; done: (whole: boolean) => void } | undefined
  #ended = false
  #gone = false
  #wake: (() => void) | undefined

  constructor(stream: Stream) {
    this.#stream = stream
    stream.addEventListener('message', ({ data }) => this.#take(data))
    stream.addEventListener('remoteCloseWrite', () => this.#end())
    stream.addEventListener('end', () => this.#end())
    stream.addEventListener('drain', () => this.#wake?.())
    stream.addEventListener('close', () => {
      this.#gone = true
      this.#wake?.()
      this.#end()
    })
  }

  async read(bytes: number): Promise<Uint8Array | undefined> {
    if (this.#into !== undefined) throw new Error('two are reading one pipe')
    const into = Buffer.allocUnsafeSlow(bytes)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#into = { bytes: into, filled: 0, done: resolve }
    this.#fill()
    return (await promise) ? into : undefined
  }

  async write(...pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#gone || this.#stream.writeStatus !== 'writable') return false
    if (this.#stream.send(new Uint8ArrayList(...pieces))) return true
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
    return !this.#gone
  }

  async end(): Promise<void> {
    if (!this.#gone) await this.#stream.close()
  }

  abort(reason: string): void {
    this.#stream.abort(new Error(reason))
  }

  #take(data: Uint8Array | Uint8ArrayList): void {
    this.#unread.append(data)
    this.#fill()
    if (this.#unread.byteLength > unreadBytesMax) this.#stream.pause()
  }

  /** Moves what came into what is being read. */
  #fill(): void {
    const into = this.#into
    if (into === undefined) return
    const bytes = Math.min(into.bytes.length - into.filled, this.#unread.byteLength)
    if (bytes > 0) {
      copy(this.#unread, bytes, into.bytes, into.filled)
      this.#unread.consume(bytes)
      into.filled += bytes
    }
    const whole = into.filled === into.bytes.length
    if (!whole && !this.#ended) return this.#resume()
    this.#into = undefined
    into.done(whole)
  }

  #resume(): void {
    if (this.#unread.byteLength === 0 && this.#stream.readStatus === 'paused') this.#stream.resume()
  }

  #end(): void {
    this.#ended = true
    this.#fill()
  }
}

function copy(from: Uint8ArrayList, bytes: number, into: Uint8Array, at: number): void {
  let end = at
  for (const piece of from) {
    if (end === at + bytes) return
    const part = piece.subarray(0, at + bytes - end)
    into.set(part, end)
    end += part.length
  }
}

/** Writes a message with its length in front, and what follows it. */
export async function writeMessage<T>(
  pipe: Pipe,
  schema: Schema<T>,
  message: T,
  ...following: readonly Uint8Array[]
): Promise<boolean> {
  const bytes = encode(schema, message)
  const length = new Uint8Array(varintBytes(bytes.length))
  writeVarint(length, 0, bytes.length)
  return await pipe.write(length, bytes, ...following)
}

/** Reads a message of at most its schema's size; undefined if the other side ended. */
export async function readMessage<T>(
  pipe: Pipe,
  schema: Schema<T>,
): Promise<Answer<T> | undefined> {
  let length = 0
  for (let scale = 1; ; scale *= 128) {
    const [byte] = (await pipe.read(1)) ?? []
    if (byte === undefined) return undefined
    length += (byte % 128) * scale
    if (length > schema.bytesMax || scale > schema.bytesMax) return refuse('bytes.too-large')
    if (byte >= 128) continue
    if (length === 0 || (byte === 0 && scale > 1)) return refuse('bytes.not-shortest')
    const bytes = await pipe.read(length)
    if (bytes === undefined) return undefined
    const message = decode(schema, bytes)
    return message.ok ? accept(message.value) : message
  }
}
