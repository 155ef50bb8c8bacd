import { numberOf } from './draws.ts'

/** One line of a trace: when, who, what. */
export interface Line {
  readonly at: number
  readonly who: string
  readonly what: string
}

/** All that happens, as a number that grows with it; and the last of it, to be read. */
export class Trace {
  count = 0
  #high = 0x9e3779b9
  #low = 0x243f6a88
  readonly #kept: number
  #lines: Line[] = []

  /** A trace that can show so many of its last lines. */
  constructor(kept = 0) {
    this.#kept = kept
  }

  note(at: number, who: string, what: string): void {
    this.count++
    this.#mix(at)
    this.#mix(numberOf(who))
    this.#mix(numberOf(what))
    if (this.#kept === 0) return
    this.#lines.push({ at, who, what })
    if (this.#lines.length > 2 * this.#kept) this.#lines = this.#lines.slice(-this.#kept)
  }

  get lines(): readonly Line[] {
    return this.#lines.slice(-this.#kept)
  }

  /** The same for two runs if all that happened was the same. */
  digest(): string {
    return [this.#high, this.#low].map((n) => (n >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #mix(n: number): void {
    this.#low = Math.imul(this.#low ^ n, 0x85ebca6b)
    this.#high = (Math.imul(this.#high ^ this.#low ^ (this.#low >>> 15), 0xc2b2ae35) + n) | 0
  }
}
