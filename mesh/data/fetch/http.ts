import { Agent, get, type IncomingMessage } from 'node:http'
import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import type { Provider, TakeBytes, Want } from './provider.ts'

/** What a gateway may say about a block that it has not. */
const wordsBytesMax = 4096

/** A gateway over plain HTTP: a block that is checked by its hash needs no cipher. */
export class Http implements Provider {
  readonly name: string
  readonly #idleMs: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: limits.wantsMax, timeout: 0 })

  /** `url` is where `/ipfs/` is, without a slash at its end. */
  constructor(url: string, idleMs: number = limits.idleMs) {
    this.name = url
    this.#idleMs = idleMs
  }

  async give({ blocks }: Want, take: TakeBytes, signal: AbortSignal): Promise<Answer<void>> {
    for (const [at, { cid, bytesMax }] of blocks.entries()) {
      const given = await this.#block(cid, bytesMax, signal)
      if (!given.ok) return given
      if (!(await take(at, given.value))) return refuse('data.false', { at: this.name })
    }
    return accept(undefined)
  }

  async #block(
    cid: Cid,
    bytesMax: number,
    outer: AbortSignal,
  ): Promise<Answer<Uint8Array | undefined>> {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(this.#idleMs)])
    const { promise, resolve } = Promise.withResolvers<Answer<Uint8Array | undefined>>()
    const headers = { accept: 'application/vnd.ipld.raw' }
    const request = get(
      `${this.name}/ipfs/${cid}?format=raw`,
      { agent: this.#agent, headers, signal },
      (response) => {
        const answer = this.#read(response, bytesMax)
        if (answer instanceof Promise) answer.then(resolve, () => resolve(this.#gone()))
        else {
          request.destroy()
          resolve(answer)
        }
      },
    )
    request.on('error', () => resolve(this.#gone()))
    return await promise
  }

  #read(
    response: IncomingMessage,
    bytesMax: number,
  ): Answer<undefined> | Promise<Answer<Uint8Array | undefined>> {
    const { statusCode, headers } = response
    const bytes = Number(headers['content-length'] ?? Number.NaN)
    if (statusCode === 404 && bytes <= wordsBytesMax) return drained(response)
    if (statusCode !== 200 || !Number.isSafeInteger(bytes)) {
      return refuse('data.missing', { at: this.name, detail: `status ${statusCode}` })
    }
    if (bytes > bytesMax) {
      const detail = `${bytes} bytes where there are ${bytesMax} at most`
      return refuse('data.false', { at: this.name, detail })
    }
    return readInto(response, Buffer.allocUnsafeSlow(bytes))
  }

  #gone(): Answer<never> {
    return refuse('wire.deadline', { at: this.name, detail: 'the connection broke, or stood still' })
  }
}

async function drained(response: IncomingMessage): Promise<Answer<undefined>> {
  for await (const _ of response) continue
  return accept(undefined)
}

/** The parser of Node.js never gives more than the length that it was told. */
async function readInto(response: IncomingMessage, into: Buffer): Promise<Answer<Uint8Array>> {
  let at = 0
  for await (const piece of response) {
    into.set(piece, at)
    at += piece.length
  }
  return at === into.length ? accept(into) : refuse('wire.deadline')
}
