import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import { HttpSocket } from './http-socket.ts'
import type { Giving, Provider, TakeBytes, Want } from './provider.ts'

/** A gateway over plain HTTP: a block that is checked by its hash needs no cipher. */
export class Http implements Provider, Disposable {
  readonly name: string
  readonly #url: URL
  readonly #idleMs: number
  readonly #free: HttpSocket[] = []

  /** `url` is where `/ipfs/` is: `http://`, a host, and a port if it is not 80. */
  constructor(url: string, idleMs: number = limits.idleMs) {
    this.name = url
    this.#url = new URL(url)
    this.#idleMs = idleMs
  }

  async give({ blocks }: Want, take: TakeBytes, giving: Giving): Promise<Answer<void>> {
    const socket = this.#socket()
    const stop = () => socket.destroy()
    giving.signal.addEventListener('abort', stop)
    try {
      if (giving.signal.aborted) stop()
      for (const [at, { cid, bytesMax }] of blocks.entries()) {
        const given = await this.#block(socket, cid, { bytesMax, giving })
        if (!given.ok) return given
        if (!(await take(at, given.value))) return refuse('data.false', { at: this.name })
      }
      return accept(undefined)
    } finally {
      giving.signal.removeEventListener('abort', stop)
      if (!socket.gone) this.#free.push(socket)
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#free) socket.destroy()
  }

  /** One that waits for more, unless its other end has closed it meanwhile. */
  #socket(): HttpSocket {
    for (let one = this.#free.pop(); one !== undefined; one = this.#free.pop()) {
      if (!one.gone) return one
    }
    return new HttpSocket(this.#url)
  }

  async #block(
    socket: HttpSocket,
    cid: Cid,
    { bytesMax, giving }: { bytesMax: number; giving: Giving },
  ): Promise<Answer<Uint8Array | undefined>> {
    const timer = setTimeout(() => socket.destroy(), this.#idleMs)
    const got = await socket.get(`/ipfs/${cid}?format=raw`, bytesMax, giving.buffers)
    clearTimeout(timer)
    if (got === undefined) {
      return refuse('wire.deadline', { at: this.name, detail: 'it broke, or stood still' })
    }
    if ('bytes' in got) return accept(got.bytes)
    if ('tooLong' in got) {
      const detail = `${got.tooLong} bytes where there are ${bytesMax} at most`
      return refuse('data.false', { at: this.name, detail })
    }
    if (got.status === 404) return accept(undefined)
    return refuse('data.missing', { at: this.name, detail: `status ${got.status}` })
  }
}
