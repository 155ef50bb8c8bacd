/** Chance from a list of integers, so that a failure can be shrunk and shown; then always 0. */
export class Chance {
  readonly #choices: readonly number[]
  #at = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  /** Whether the list is used up. */
  get over(): boolean {
    return this.#at >= this.#choices.length
  }

  /** A number below another. */
  pick(below: number): number {
    return (this.#choices[this.#at++] ?? 0) % below
  }

  /** One of some. */
  one<T>(some: readonly T[]): T | undefined {
    return some.length === 0 ? undefined : some[this.pick(some.length)]
  }

  /** Whether something that is so likely is so. */
  likely(percent: number): boolean {
    return this.pick(100) < percent
  }
}
