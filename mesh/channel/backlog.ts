/** Bytes that came while nobody reads, one behind the other in memory of their own. */
export class Backlog {
  #bytes = new Uint8Array(0)
  #start = 0
  #end = 0

  /** How many wait. */
  get length(): number {
    return this.#end - this.#start
  }

  /** How much memory it has. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Copies bytes to the end. */
  append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) {
      const waiting = this.view()
      const size = Math.max(waiting.length + bytes.length, this.length * 2)
      this.#bytes = new Uint8Array(size)
      this.#bytes.set(waiting)
      this.#end = waiting.length
      this.#start = 0
    }
    this.#bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** What waits, where it stands: to be read before the next `append`. */
  view(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  /** Forgets the first so many bytes; the memory, too, when none is left. */
  consume(count: number): void {
    this.#start += count
    if (this.#start < this.#end) return
    this.#bytes = new Uint8Array(0)
    this.#start = 0
    this.#end = 0
  }
}
