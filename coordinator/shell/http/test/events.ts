/** One event of a stream. */
interface Event {
  readonly id: number
  readonly data: never
}

/** A stream of server-sent events, read one by one. */
export class Events implements AsyncDisposable {
  readonly #gone: AbortController
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #text = new TextDecoder()
  #rest = ''

  private constructor(gone: AbortController, reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#gone = gone
    this.#reader = reader
  }

  static async open(url: string, last?: number): Promise<Events> {
    const gone = new AbortController()
    const headers = last === undefined ? {} : { 'last-event-id': String(last) }
    const response = await fetch(url, { headers, signal: gone.signal })
    const type = response.headers.get('content-type')
    if (response.body === null || type !== 'text/event-stream; charset=utf-8') {
      throw new Error(`${response.status} ${type}: ${await response.text()}`)
    }
    return new Events(gone, response.body.getReader())
  }

  /** The next event; comments are none. */
  async next(): Promise<Event> {
    for (;;) {
      const end = this.#rest.indexOf('\n\n')
      if (end === -1) {
        const { value, done } = await this.#reader.read()
        if (done) throw new Error('the stream has ended')
        this.#rest += this.#text.decode(value, { stream: true })
        continue
      }
      const lines = this.#rest.slice(0, end).split('\n')
      this.#rest = this.#rest.slice(end + 2)
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))
      const [id, data] = [field('id'), field('data')]
      if (id === undefined || data === undefined) continue
      return { id: Number(id.slice(4)), data: JSON.parse(data.slice(6)) as never }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    await this.#reader.cancel().catch((cause: unknown) => {
      if (!(cause instanceof DOMException)) throw cause
    })
  }
}
