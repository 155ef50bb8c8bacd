import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** Changes what is sent to a path; what it gives back unchanged stays as it is. */
type Change = (path: string, text: string) => string

/** Stands between a visitor and a coordinator: it can lie for the coordinator, and hang up. */
export class Between implements AsyncDisposable {
  /** What it makes of answers in JSON. */
  change: Change = (_, text) => text
  /** Whether an answer is lost on its way, after what was asked for was done. */
  loses: (path: string, method: string) => boolean = () => false
  /** Whether a byte of a file is another when it arrives. */
  spoils: (path: string) => boolean = () => false
  /** Whether a file breaks off before its end. */
  breaks: (path: string) => boolean = () => false
  /** What was asked, with the header by which a stream goes on. */
  readonly asked: { readonly path: string; readonly last: string | undefined }[] = []
  readonly address: string
  readonly #server: Server
  readonly #streams = new Set<ServerResponse>()

  private constructor(server: Server) {
    this.#server = server
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async open(to: string): Promise<Between> {
    let between: Between | undefined
    const server = createServer((asked, answer) => between?.pass(to, asked, answer))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    between = new Between(server)
    return between
  }

  /** Hangs up on every stream. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  pass(to: string, asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url ?? '/'
    const last = asked.headers['last-event-id']
    this.asked.push({ path, last: typeof last === 'string' ? last : undefined })
    const headers = { ...asked.headers, 'accept-encoding': 'identity' }
    const onward = request(new URL(path, to), { headers, method: asked.method }, (said) => {
      const type = said.headers['content-type'] ?? ''
      if (this.loses(path, asked.method ?? '')) {
        said.resume()
        answer.destroy()
        return
      }
      if (this.spoils(path)) {
        void said.toArray().then((chunks) => {
          const body = Buffer.concat(chunks)
          body[0] = (body[0] ?? 0) ^ 1
          answer.writeHead(said.statusCode ?? 500, said.headers)
          answer.end(body)
        })
        return
      }
      if (this.breaks(path)) {
        answer.writeHead(said.statusCode ?? 500, said.headers)
        answer.write('x', () => answer.destroy())
        said.resume()
        return
      }
      if (!type.includes('json')) {
        answer.writeHead(said.statusCode ?? 500, said.headers)
        if (type.includes('event-stream')) this.#streams.add(answer)
        said.pipe(answer)
        return
      }
      void said.toArray().then((chunks) => {
        const body = Buffer.from(this.change(path, Buffer.concat(chunks).toString()))
        const { etag: _, ...rest } = said.headers
        answer.writeHead(said.statusCode ?? 500, { ...rest, 'content-length': body.length })
        answer.end(body)
      })
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => {
      this.#streams.delete(answer)
      onward.destroy()
    })
    asked.pipe(onward)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
