/** A place in the memory of a guest where a buffer of a list begins, and its length. */
export interface Span {
  readonly at: number
  readonly length: number
}

/**
 * The memory of a guest. Every pointer is a stranger's: nothing is read or written before `has`
 * said that it lies inside. Pointers and lengths are unsigned, as `>>> 0` gives them.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory
  #bytes: Uint8Array
  #view: DataView

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
    this.#bytes = new Uint8Array(memory.buffer)
    this.#view = new DataView(memory.buffer)
  }

  /** Whether so many bytes from there on are inside. */
  has(at: number, length: number): boolean {
    return at + length <= this.#memory.buffer.byteLength
  }

  /** All of it, as it is until the guest runs again. */
  get bytes(): Uint8Array {
    this.#refresh()
    return this.#bytes
  }

  /** The same for numbers, which are little-endian. */
  get view(): DataView {
    this.#refresh()
    return this.#view
  }

  /** The buffers of a list, or undefined where the list or one of them is not inside. */
  spans(at: number, count: number): Span[] | undefined {
    if (!this.has(at, count * 8)) return undefined
    const { view } = this
    const spans: Span[] = []
    for (let i = 0; i < count; i++) {
      const span = {
        at: view.getUint32(at + 8 * i, true),
        length: view.getUint32(at + 8 * i + 4, true),
      }
      if (!this.has(span.at, span.length)) return undefined
      spans.push(span)
    }
    return spans
  }

  /** A grown memory has another buffer, and the old one has no bytes any more. */
  #refresh(): void {
    if (this.#view.buffer === this.#memory.buffer) return
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.#view = new DataView(this.#memory.buffer)
  }
}
