import {
  type Answer,
  decode,
  encode,
  type Refusal,
  refusalOf,
  refuse,
  type Schema,
} from '@nexapod/specs'
import type { Ear, Pipe } from '../channel/pipe.ts'
import { varintBytes, writeVarint } from './protobuf.ts'

/** What may come unread before the other end is told to wait. */
const unreadBytesMax = 256 * 1024

interface Reading {
  readonly into: Uint8Array
  filled: number
  readonly done: (whole: boolean) => void
}

/**
 * A pipe that is read in pieces of known length. A block goes straight to its place, and nothing is
 * set aside for what was not asked for.
 */
export class Flow {
  readonly #pipe: Pipe
  #unread = Buffer.allocUnsafeSlow(4096)
  #from = 0
  #to = 0
  #reading: Reading | undefined
  #ended = false
  #over = false
  #room: PromiseWithResolvers<void> | undefined

  constructor(pipe: Pipe) {
    this.#pipe = pipe
    const ear: Ear = {
      data: (bytes) => this.#take(bytes),
      drained: () => this.#wake(),
      ended: () => this.#end(),
      closed: () => {
        this.#over = true
        this.#wake()
        this.#end()
      },
    }
    pipe.listen(ear)
  }

  /** Whether nothing goes either way any more. */
  get isOver(): boolean {
    return this.#over || this.#ended
  }

  /** The next bytes, so many; undefined if the other end sends no more. */
  async read(bytes: number): Promise<Uint8Array | undefined> {
    const into = new Uint8Array(bytes)
    return (await this.readInto(into)) ? into : undefined
  }

  /** Fills this with the next bytes; false if the other end sends no more. */
  async readInto(into: Uint8Array): Promise<boolean> {
    if (this.#reading !== undefined) throw new Error('a flow has one reader')
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#reading = { into, filled: 0, done: resolve }
    this.#settle()
    return await promise
  }

  /** Sends, and resolves when there is room for more; false if the pipe is over. */
  async write(...pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#over) return false
    for (const piece of pieces) this.#pipe.send(piece)
    if (!this.#pipe.hasRoom && !this.#over) {
      this.#room ??= Promise.withResolvers()
      await this.#room.promise
    }
    return !this.#over
  }

  /** Sends nothing more. */
  close(): void {
    this.#pipe.close()
  }

  /** Ends both directions at once. */
  abort(refusal: Refusal): void {
    this.#pipe.abort(refusal)
  }

  /** Does something, and ends the pipe if that takes too long. */
  async within<T>(ms: number, act: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.abort(refusalOf('wire.deadline')), ms)
    try {
      return await act()
    } finally {
      clearTimeout(timer)
    }
  }

  #take(bytes: Uint8Array): void {
    const used = this.#from === this.#to ? this.#fill(bytes) : 0
    if (used < bytes.length) this.#keep(bytes.subarray(used))
    this.#settle()
    if (this.#to - this.#from > unreadBytesMax) this.#pipe.pause()
  }

  #keep(bytes: Uint8Array): void {
    const unread = this.#unread.subarray(this.#from, this.#to)
    if (this.#to + bytes.length > this.#unread.length) {
      const needed = unread.length + bytes.length
      const roomy = needed <= this.#unread.length / 2
      const room = roomy ? this.#unread : Buffer.allocUnsafeSlow(2 * needed)
      room.set(unread)
      this.#unread = room
      this.#from = 0
      this.#to = unread.length
    }
    this.#unread.set(bytes, this.#to)
    this.#to += bytes.length
  }

  /** Copies into what is being read, and tells how many bytes. */
  #fill(bytes: Uint8Array): number {
    const reading = this.#reading
    if (reading === undefined) return 0
    const part = bytes.subarray(0, reading.into.length - reading.filled)
    reading.into.set(part, reading.filled)
    reading.filled += part.length
    return part.length
  }

  #settle(): void {
    const reading = this.#reading
    if (reading === undefined) return
    this.#from += this.#fill(this.#unread.subarray(this.#from, this.#to))
    if (this.#from === this.#to) this.#pipe.resume()
    const whole = reading.filled === reading.into.length
    if (!whole && !this.#ended) return
    this.#reading = undefined
    reading.done(whole)
  }

  #wake(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #end(): void {
    this.#ended = true
    this.#settle()
  }
}

/** A message with its length in front. */
export function messageBytes<T>(schema: Schema<T>, message: T): Uint8Array {
  const bytes = encode(schema, message)
  const head = varintBytes(bytes.length)
  const whole = new Uint8Array(head + bytes.length)
  writeVarint(whole, 0, bytes.length)
  whole.set(bytes, head)
  return whole
}

/** Writes a message with its length in front, and the bytes that follow it. */
export async function writeMessage<T>(
  flow: Flow,
  schema: Schema<T>,
  message: T,
  ...following: readonly Uint8Array[]
): Promise<boolean> {
  return await flow.write(messageBytes(schema, message), ...following)
}

/** Reads a message of at most its schema's size; undefined if the other end sends no more. */
export async function readMessage<T>(
  flow: Flow,
  schema: Schema<T>,
): Promise<Answer<T> | undefined> {
  let length = 0
  for (let scale = 1; ; scale *= 128) {
    const [byte] = (await flow.read(1)) ?? []
    if (byte === undefined) return undefined
    length += (byte % 128) * scale
    if (length > schema.bytesMax || scale > schema.bytesMax) return refuse('bytes.too-large')
    if (byte >= 128) continue
    if (length === 0) return refuse('bytes.truncated')
    if (byte === 0) return refuse('bytes.not-shortest')
    const bytes = await flow.read(length)
    return bytes && decode(schema, bytes)
  }
}
