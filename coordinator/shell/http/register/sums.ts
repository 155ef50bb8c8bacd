import type { Database } from './database.ts'

type Key = string | number

/**
 * Counters that change with nearly every fact, and that nothing reads meanwhile: they are added up
 * here, and go into the tables once for a group of entries.
 */
export class Sums {
  readonly #database: Database
  readonly #sums = new Map<string, Map<string, { readonly keys: readonly Key[]; by: number }>>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Adds to what a statement changes, which takes the sum first and then the keys. */
  add(sql: string, by: number, ...keys: Key[]): void {
    let sums = this.#sums.get(sql)
    if (sums === undefined) {
      sums = new Map()
      this.#sums.set(sql, sums)
    }
    const name = keys.join(' ')
    const sum = sums.get(name)
    if (sum === undefined) sums.set(name, { keys, by })
    else sum.by += by
  }

  /** Puts all of it into the tables. */
  flush(): void {
    for (const [sql, sums] of this.#sums) {
      for (const { keys, by } of sums.values()) {
        if (by !== 0) this.#database.run(sql, by, ...keys)
      }
      sums.clear()
    }
  }
}
