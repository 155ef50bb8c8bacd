import { Agent, get, type IncomingMessage } from 'node:http'
import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import type { Buffers } from '../buffers.ts'
import type { Giving, Provider, TakeBytes, Want } from './provider.ts'

/** What a gateway may say about a block that it has not. */
const wordsBytesMax = 4096

/** A gateway over plain HTTP: a block that is checked by its hash needs no cipher. */
export class Http implements Provider, Disposable {
  readonly name: string
  readonly #idleMs: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: limits.wantsMax, timeout: 0 })

  /** `url` is where `/ipfs/` is, without a slash at its end. */
  constructor(url: string, idleMs: number = limits.idleMs) {
    this.name = url
    this.#idleMs = idleMs
  }

  async give({ blocks }: Want, take: TakeBytes, giving: Giving): Promise<Answer<void>> {
    for (const [at, { cid, bytesMax }] of blocks.entries()) {
      const given = await this.#block(cid, bytesMax, giving)
      if (!given.ok) return given
      if (!(await take(at, given.value))) return refuse('data.false', { at: this.name })
    }
    return accept(undefined)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  async #block(
    cid: Cid,
    bytesMax: number,
    { signal, buffers }: Giving,
  ): Promise<Answer<Uint8Array | undefined>> {
    const { promise, resolve } = Promise.withResolvers<Answer<Uint8Array | undefined>>()
    const request = get(
      `${this.name}/ipfs/${cid}?format=raw`,
      { agent: this.#agent, headers: { accept: 'application/vnd.ipld.raw' } },
      (response) => {
        const room = this.#roomFor(response, bytesMax, buffers)
        if (room.ok) readInto(response, room.value, resolve)
        else {
          resolve(room)
          request.destroy()
        }
      },
    )
    request.on('close', () => resolve(this.#gone()))
    request.on('error', () => resolve(this.#gone()))
    const stop = () => request.destroy()
    const timer = setTimeout(stop, this.#idleMs)
    signal.addEventListener('abort', stop)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  /** Where the bytes of an answer go; nowhere, if the block is not there. */
  #roomFor(
    { statusCode, headers }: IncomingMessage,
    bytesMax: number,
    buffers: Buffers,
  ): Answer<Uint8Array | undefined> {
    const bytes = Number(headers['content-length'] ?? Number.NaN)
    if (statusCode === 404 && bytes <= wordsBytesMax) return accept(undefined)
    if (statusCode !== 200 || !Number.isSafeInteger(bytes)) {
      return refuse('data.missing', { at: this.name, detail: `status ${statusCode}` })
    }
    if (bytes <= bytesMax) return accept(buffers.take(bytes))
    const detail = `${bytes} bytes where there are ${bytesMax} at most`
    return refuse('data.false', { at: this.name, detail })
  }

  #gone(): Answer<never> {
    return refuse('wire.deadline', { at: this.name, detail: 'the connection broke, or stood still' })
  }
}

/** The parser of Node.js never gives more than the length that it was told. */
function readInto(
  response: IncomingMessage,
  into: Uint8Array | undefined,
  done: (answer: Answer<Uint8Array | undefined>) => void,
): void {
  let at = 0
  response.on('data', (piece: Uint8Array) => {
    into?.set(piece, at)
    at += piece.length
  })
  response.on('end', () => {
    if (into === undefined || at === into.length) done(accept(into))
  })
}
