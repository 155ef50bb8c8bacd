import type { Database } from './database.ts'
import type { Sums } from './sums.ts'

const dayMs = 24 * 3_600_000

/** In this time an average falls to its half, if nothing is earned: BOINC's too. */
const halfLifeMs = 7 * dayMs

/** So many half-lives a double can grow by, and be added to what was before. */
const halvesMax = 512

const toOwner = 'update owners set recent = recent + ? where id = ?'

/**
 * The recent average of each owner: what it earned, of which each piece counts half after a week.
 * It falls for all of them alike, so what is kept does not fall: what comes later counts for more,
 * from a zero on, and the order is right at any time.
 */
export class Recent {
  readonly #database: Database
  readonly #sums: Sums
  #zero: number

  constructor(database: Database, sums: Sums) {
    this.#database = database
    this.#sums = sums
    this.#zero = database.one<{ zero: number }>('select zero from about')?.zero ?? 0
  }

  /** An owner earned something, or has lost it, if it is below 0. */
  add(owner: string, micro: number, time: number): void {
    if (this.#halves(time) > halvesMax) this.#begin(time)
    this.#sums.add(toOwner, micro * 2 ** this.#halves(time), owner)
  }

  /** What is kept of an owner as micro-credits a day, at a time. */
  perDay(kept: number, time: number): number {
    const worth = kept * 2 ** -this.#halves(time)
    return Math.max(0, Math.round((worth * Math.LN2 * dayMs) / halfLifeMs))
  }

  #halves(time: number): number {
    return (time - this.#zero) / halfLifeMs
  }

  /** Counts from another zero on. */
  #begin(zero: number): void {
    this.#sums.flush()
    this.#database.run('update owners set recent = recent * ?', 2 ** -this.#halves(zero))
    this.#database.run('update about set zero = ?', zero)
    this.#zero = zero
  }
}
