import { kindBits, type Needs } from '../match/needs.ts'

/** The fuel that a core is taken to burn in a millisecond, to compare fuel with time. */
const fuelPerMs = 1_000_000

/** What a slot costs its publisher: milliseconds of one core that it may take. */
export function costOf({ kinds, fuel, cores, unitMs }: Needs): number {
  return kinds === kindBits.wasm ? Math.max(1, fuel / fuelPerMs) : cores * unitMs
}

/**
 * How far those who share have come: what was handed out to them, over their weights. Who has come
 * least far goes first; who enters starts where the others are, and not at 0, so that nobody saves
 * up a claim by staying away or by being new.
 */
export class Pace {
  readonly #windowMs: number
  #reached: number
  #before: number
  #longBefore: number
  #window = 0

  constructor(windowMs: number, reached = 0) {
    this.#windowMs = windowMs
    this.#reached = reached
    this.#before = reached
    this.#longBefore = reached
  }

  /** Where the one was who was served last, or one before who had come further. */
  get reached(): number {
    return this.#reached
  }

  /** Serves somebody who has come to `rank`; gives where that brings them. */
  serve(rank: number, cost: number, weight: number, now: number): number {
    this.#turn(Math.floor(now / this.#windowMs))
    // Who fell behind because no node fitted has a claim, but only of the last one or two windows.
    const start = Math.max(rank, this.#longBefore)
    this.#reached = Math.max(this.#reached, start)
    return start + cost / weight
  }

  #turn(window: number): void {
    if (window <= this.#window) return
    this.#longBefore = window === this.#window + 1 ? this.#before : this.#reached
    this.#before = this.#reached
    this.#window = window
  }
}
