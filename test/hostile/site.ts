import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Scene } from './scene.ts'

/** An answer of the API. */
export interface Got {
  readonly status: number
  readonly text: string
}

/** The API as somebody sees it who has an address of loopback of his own. */
export class Site {
  readonly #host: string
  readonly #port: number
  readonly #localAddress: string

  constructor(scene: Scene) {
    const { hostname, port } = new URL(scene.http)
    this.#host = hostname
    this.#port = Number(port)
    this.#localAddress = scene.network()
  }

  /** Asks as any program would. */
  async ask(
    path: string,
    { method = 'GET', body, headers = {} }: Partial<Asking> = {},
  ): Promise<Got> {
    const where = { host: this.#host, port: this.#port, localAddress: this.#localAddress }
    const asking = request({ ...where, path, method, headers, agent: false })
    asking.end(body)
    const [response] = await once(asking, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: response.statusCode, text }
  }

  /** A bare connection, on which anything may be written. */
  bare(): Bare {
    return new Bare(
      connect({ host: this.#host, port: this.#port, localAddress: this.#localAddress }),
    )
  }

  /** Writes something on a bare connection, and gives what came until its end. */
  async raw(text: string): Promise<string> {
    const bare = this.bare()
    bare.socket.write(text)
    return await bare.all
  }
}

interface Asking {
  readonly method: string
  readonly body: string | Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** A connection, with the beginning of what comes on it. */
export class Bare {
  readonly socket: Socket
  /** What came until it was over. */
  readonly all: Promise<string>
  /** Whether anything came before it was over. */
  readonly first: Promise<string>
  isOpen = true

  constructor(socket: Socket) {
    this.socket = socket
    let text = ''
    const first = Promise.withResolvers<string>()
    const all = Promise.withResolvers<string>()
    this.first = first.promise
    this.all = all.promise
    socket.on('data', (chunk: Buffer) => {
      if (text.length < 65_536) text += chunk.toString('latin1')
      first.resolve(text)
    })
    // Being cut is what is expected here: it ends like any other end.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.isOpen = false
      first.resolve(text)
      all.resolve(text)
    })
  }
}

/** The code that a text refuses with; else its status. */
export function codeIn(text: string): string {
  return /"code":"([^"]+)"/.exec(text)?.[1] ?? /^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 'cut'
}
