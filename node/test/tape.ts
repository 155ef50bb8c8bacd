/** Chance that is the same for the same seed. */
export class Tape {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  }

  /** A whole number from 0 to one below so many. */
  below(count: number): number {
    // Mulberry32: small, and good enough to choose what happens next.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count
  }

  /** Whether something happens that does in one of so many cases. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0
  }

  /** One of these, or nothing if there are none. */
  from<T>(list: Iterable<T>): T | undefined {
    const all = [...list]
    return all.length === 0 ? undefined : all[this.below(all.length)]
  }
}
