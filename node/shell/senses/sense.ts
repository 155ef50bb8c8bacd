import { limits } from '@nexapod/specs'

/** One of the ways in which systems tell something of themselves. */
export interface Way<T> {
  /** What is found; undefined where it cannot be told in this way. */
  look(): Promise<T | undefined>
  close?(): void
}

/**
 * Something that is found out of the machine, in the way that answers. What fails now and then
 * holds what it told last; what fails for longer is unknown, and that is told.
 */
export class Sense<T> {
  readonly #ways: Way<T>[]
  readonly #everyMs: number
  readonly #lost: () => void
  #failures = 0
  #known: T | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<T | undefined> | undefined

  /** Asks in these ways, the first first, and not more often than this. */
  constructor(ways: readonly Way<T>[], everyMs: number, lost: () => void) {
    this.#ways = [...ways]
    this.#everyMs = everyMs
    this.#lost = lost
  }

  /** What is found, or was found a moment ago. */
  look(): Promise<T | undefined> {
    const isNew = performance.now() - this.#lookedAt < this.#everyMs
    if (this.#looking === undefined && isNew) return Promise.resolve(this.#known)
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  close(): void {
    for (const way of this.#ways) way.close?.()
  }

  async #look(): Promise<T | undefined> {
    this.#lookedAt = performance.now()
    for (const [i, way] of this.#ways.entries()) {
      const found = await way.look()
      if (found === undefined) continue
      // What has answered is asked first from now on.
      this.#ways.unshift(...this.#ways.splice(i, 1))
      this.#failures = 0
      this.#known = found
      return found
    }
    this.#failures++
    if (this.#failures < limits.senseFailuresMax) return this.#known
    this.#known = undefined
    if (this.#failures === limits.senseFailuresMax) this.#lost()
    return undefined
  }
}
