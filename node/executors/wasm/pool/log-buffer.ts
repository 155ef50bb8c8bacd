/** Bytes that are gathered before they are told, and for how long. */
const gathered = { bytesMax: 4096, ms: 100 } as const

/**
 * Gathers what programs write in small pieces, so that a message does not cost more than what it
 * says. The first piece is told at once: somebody may be waiting for a sign.
 */
export class LogBuffer {
  readonly #tell: (stream: 1 | 2, bytes: Uint8Array) => void
  readonly #bytes = new Uint8Array(gathered.bytesMax)
  #length = 0
  #stream: 1 | 2 = 1
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(tell: (stream: 1 | 2, bytes: Uint8Array) => void) {
    this.#tell = tell
  }

  write(stream: 1 | 2, bytes: Uint8Array): void {
    if (stream !== this.#stream || this.#length + bytes.length > gathered.bytesMax) this.flush()
    this.#stream = stream
    if (bytes.length > gathered.bytesMax) {
      this.#tell(stream, bytes)
      return
    }
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    if (performance.now() - this.#toldAt > gathered.ms) this.flush()
  }

  flush(): void {
    if (this.#length > 0) this.#tell(this.#stream, this.#bytes.slice(0, this.#length))
    this.#length = 0
    this.#toldAt = performance.now()
  }
}
