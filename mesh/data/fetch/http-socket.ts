import { connect, type Socket } from 'node:net'
import type { Buffers } from '../buffers.ts'

/** What came for one request: the bytes of a block, or the status of an answer without one. */
export type Got =
  | { readonly bytes: Uint8Array }
  | { readonly status: number }
  | { readonly tooLong: number }

const headBytesMax = 8 * 1024

interface Asking {
  readonly bytesMax: number
  readonly buffers: Buffers
  readonly done: (got: Got | undefined) => void
}

/**
 * One connection of HTTP/1.1 on which blocks are asked for, one after the other. The client of
 * Node.js brings a body in pieces of fresh memory, and collecting those costs as much as all else:
 * here the kernel writes straight into the block. It knows answers with a length, and nothing else.
 */
export class HttpSocket {
  readonly #host: string
  readonly #socket: Socket
  readonly #head = Buffer.allocUnsafeSlow(headBytesMax)
  #headFilled = 0
  #body: Uint8Array | undefined
  #bodyFilled = 0
  /** What of an answer is read and dropped. */
  #skipping: { status: number; left: number } | undefined
  #asking: Asking | undefined
  #gone = false

  constructor({ hostname, port, host }: URL) {
    this.#host = host
    this.#socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      noDelay: true,
      onread: {
        buffer: () => this.#room(),
        callback: (bytes) => {
          this.#came(bytes)
          return true
        },
      },
    })
    this.#socket.on('error', () => this.destroy())
    this.#socket.on('close', () => this.destroy())
  }

  /** Whether nothing more can be asked here. */
  get gone(): boolean {
    return this.#gone
  }

  /** Asks for a path; undefined if the connection broke, or speaks no HTTP that is known here. */
  async get(path: string, bytesMax: number, buffers: Buffers): Promise<Got | undefined> {
    if (this.#asking !== undefined) throw new Error('one request at a time')
    if (this.#gone) return undefined
    const { promise, resolve } = Promise.withResolvers<Got | undefined>()
    this.#asking = { bytesMax, buffers, done: resolve }
    const accept = 'application/vnd.ipld.raw'
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAccept: ${accept}\r\n\r\n`)
    return await promise
  }

  /** Ends the connection, and what is being asked on it. */
  destroy(): void {
    this.#gone = true
    this.#socket.destroy()
    this.#finish(undefined)
  }

  /** Where the kernel writes next: into the body, or after what there is of a head. */
  #room(): Uint8Array {
    if (this.#body !== undefined) return this.#body.subarray(this.#bodyFilled)
    return this.#head.subarray(this.#headFilled)
  }

  #came(bytes: number): void {
    if (this.#body !== undefined) {
      this.#bodyFilled += bytes
      this.#bodyCame()
      return
    }
    this.#headFilled += bytes
    const end = this.#head.subarray(0, this.#headFilled).indexOf('\r\n\r\n')
    if (this.#skipping !== undefined) this.#skip()
    else if (end >= 0) this.#headCame(end)
    else if (this.#headFilled === headBytesMax) this.destroy()
  }

  #headCame(end: number): void {
    const asking = this.#asking
    const [first = '', ...lines] = this.#head.toString('latin1', 0, end).split('\r\n')
    const [, status] = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first) ?? []
    const lengths = lines.filter((line) => /^content-length:/i.test(line))
    const [, length] = /^content-length:\s*(\d{1,15})\s*$/i.exec(lengths[0] ?? '') ?? []
    const known = status !== undefined && length !== undefined && lengths.length === 1
    if (asking === undefined || !known) {
      this.destroy()
      return
    }
    this.#takeFromHead(end + 4)
    const bytes = Number(length)
    if (status !== '200') {
      this.#skipping = { status: Number(status), left: bytes }
      this.#skip()
      return
    }
    if (bytes > asking.bytesMax) {
      this.#finish({ tooLong: bytes })
      this.destroy()
      return
    }
    this.#body = asking.buffers.take(bytes)
    const inHead = this.#head.subarray(0, Math.min(this.#headFilled, bytes))
    this.#body.set(inHead)
    this.#bodyFilled = inHead.length
    this.#takeFromHead(inHead.length)
    this.#bodyCame()
  }

  #bodyCame(): void {
    const body = this.#body
    if (body === undefined || this.#bodyFilled < body.length) return
    this.#body = undefined
    this.#end({ bytes: body })
  }

  /** Words about a block that is not there are not read; many of them end the connection. */
  #skip(): void {
    const skipping = this.#skipping
    if (skipping === undefined) return
    if (skipping.left > headBytesMax) {
      this.#finish({ status: skipping.status })
      this.destroy()
      return
    }
    const dropped = Math.min(skipping.left, this.#headFilled)
    skipping.left -= dropped
    this.#takeFromHead(dropped)
    if (skipping.left > 0) return
    this.#skipping = undefined
    this.#end({ status: skipping.status })
  }

  /** An answer is complete: what follows it was not asked for. */
  #end(got: Got): void {
    if (this.#headFilled > 0) this.destroy()
    else this.#finish(got)
  }

  #takeFromHead(bytes: number): void {
    this.#head.copyWithin(0, bytes, this.#headFilled)
    this.#headFilled -= bytes
  }

  #finish(got: Got | undefined): void {
    const asking = this.#asking
    this.#asking = undefined
    asking?.done(got)
  }
}
