/** So many times as long as it took an answer is given again. */
const timesLonger = 20

/** What took less is made anew each time. */
const msMin = 5

/** Answers that are kept before those are let go that are over. */
const keptMax = 64

/**
 * Answers for which all owners are looked at. Each is given again for many times as long as it
 * took to make, so that whoever asks for one over and over has a small part of a core at most; and
 * where owners are few, it is as new as any other.
 */
export class Costly {
  readonly #kept = new Map<string, { readonly until: number; readonly value: unknown }>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** The answer of a name, of which all that are made are of one type. */
  of<T>(name: string, make: () => T): T {
    const began = this.#now()
    const known = this.#kept.get(name)
    if (known !== undefined && began < known.until) return known.value as T
    const value = make()
    const ended = this.#now()
    if (ended - began < msMin) {
      this.#kept.delete(name)
      return value
    }
    if (this.#kept.size >= keptMax) this.#letGo(ended)
    this.#kept.set(name, { until: ended + timesLonger * (ended - began), value })
    return value
  }

  #letGo(now: number): void {
    for (const [name, { until }] of this.#kept) if (until <= now) this.#kept.delete(name)
  }
}
