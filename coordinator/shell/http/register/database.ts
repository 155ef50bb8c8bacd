import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

type Row = { readonly [column: string]: unknown }

/** A file of tables that can be made again from the chain: it is fast rather than safe. */
export class Database implements Disposable {
  readonly #file: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    this.#file = new DatabaseSync(path)
    // A crash may cost the last writes, and never leaves half of one.
    this.#file.exec('pragma journal_mode = wal; pragma synchronous = normal')
  }

  /** The number that says which tables are in it; 0 in a new file. */
  get version(): number {
    return this.one<{ user_version: number }>('pragma user_version')?.user_version ?? 0
  }

  /** Makes tables in a file that has none. */
  make(tables: string, version: number): void {
    this.atomically(() => this.#file.exec(`${tables}; pragma user_version = ${version}`))
  }

  /** Lets a trigger tell of what it sees. */
  notice(name: string, tell: (...values: unknown[]) => void): void {
    this.#file.function(name, { varargs: true }, (...values) => {
      tell(...values)
      return null
    })
  }

  /** Does what gives no rows and has no values. */
  exec(sql: string): void {
    this.#file.exec(sql)
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values)
  }

  one<R extends object = Row>(sql: string, ...values: SQLInputValue[]): R | undefined {
    return this.#statement(sql).get(...values) as R | undefined
  }

  all<R extends object = Row>(sql: string, ...values: SQLInputValue[]): R[] {
    return this.#statement(sql).all(...values) as R[]
  }

  /** Does all of it or nothing. */
  atomically(act: () => void): void {
    this.#file.exec('begin')
    try {
      act()
      this.#file.exec('commit')
    } catch (cause) {
      this.#file.exec('rollback')
      throw cause
    }
  }

  [Symbol.dispose](): void {
    this.#file.close()
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#file.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** Takes such a file away, with what stands beside it. */
export function removeDatabase(path: string): void {
  for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) rmSync(path + end)
}
