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
