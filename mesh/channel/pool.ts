/** Memory that many share: each takes what it holds, and gives it back. */
export class Pool {
  #left: number

  constructor(bytesMax: number) {
    this.#left = bytesMax
  }

  /** Takes so many bytes, or none if they are not there. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  /** Gives them back. */
  give(bytes: number): void {
    this.#left += bytes
  }

  /** How much is left. */
  get left(): number {
    return this.#left
  }
}

/** What one holds of a pool, so that all of it can be given back at once. */
export class Share {
  readonly #pool: Pool
  #bytes = 0
  #closed = false

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** How much is held. */
  get bytes(): number {
    return this.#bytes
  }

  /** Holds so many more, or fewer if there is a minus; false if they are not there. */
  hold(bytes: number): boolean {
    if (this.#closed || (bytes > 0 && !this.#pool.take(bytes))) return false
    if (bytes < 0) this.#pool.give(-bytes)
    this.#bytes += bytes
    return true
  }

  /** Gives all of it back, and takes nothing any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#pool.give(this.#bytes)
    this.#bytes = 0
  }
}
