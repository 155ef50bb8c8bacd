/**
 * Something that changes, for whoever waits for that. Who stops waiting leaves nothing behind, also
 * where it never changes again: a promise would keep all that was ever waited with.
 */
export class News {
  readonly #waiting = new Set<() => void>()
  #count = 0

  /** How often it has changed: who looks at this first, and waits then, misses nothing. */
  get count(): number {
    return this.#count
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** It has changed. */
  tell(): void {
    this.#count++
    for (const hear of this.#waiting) hear()
    this.#waiting.clear()
  }

  /** Waits until it has changed since it had changed so often, or for the signal. */
  async wait(signal: AbortSignal, count = this.#count): Promise<void> {
    if (signal.aborted || count !== this.#count) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    this.#waiting.add(end)
    signal.addEventListener('abort', end, { once: true })
    await promise
    this.#waiting.delete(end)
    signal.removeEventListener('abort', end)
  }
}
