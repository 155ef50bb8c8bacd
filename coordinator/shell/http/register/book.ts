import { type ChainId, entryHash, noEntry } from '@nexapod/specs'
import type { EntryView } from '../../home/view.ts'
import { AccountReader } from './accounts.ts'
import { NodeReader } from './by-node.ts'
import { Database, removeDatabase } from './database.ts'
import { Learning } from './learning.ts'
import { Places } from './places.ts'
import { Ranges } from './ranges.ts'
import { Reader } from './reader.ts'
import { Recent } from './recent.ts'
import { Sums } from './sums.ts'
import { tableNames, tables, version } from './tables.ts'

/** How much of a chain is in the tables: so many entries, of which the last has this hash. */
export interface Taken {
  readonly number: number
  readonly size: number
  readonly head: string
}

/** The tables, with whoever writes them and reads them: all chains in one. */
export class Book implements Disposable {
  readonly database: Database
  readonly nodes: NodeReader
  readonly accounts: AccountReader
  readonly #places: Places
  readonly #wall: () => number
  #hands: Hands

  private constructor(database: Database, wall: () => number) {
    this.database = database
    this.#wall = wall
    this.nodes = new NodeReader(database)
    this.accounts = new AccountReader(database)
    this.#places = new Places(database)
    this.#hands = handsOn(database, this.#places, wall)
  }

  /** Opens the tables of a file, or makes them where they are not these. */
  static open(path: string, wall: () => number): Book {
    let database = new Database(path)
    if (database.version !== version) {
      database[Symbol.dispose]()
      if (path !== ':memory:') removeDatabase(path)
      database = new Database(path)
      database.make(tables, version)
      database.run('insert into about default values')
    }
    return new Book(database, wall)
  }

  get reads(): Reader {
    return this.#hands.reads
  }

  /** How much of a chain is in them. */
  taken(chain: ChainId): Taken {
    const database = this.database
    database.run('insert into chains values (null, ?, 0, ?) on conflict do nothing', chain, noEntry)
    const sql = 'select number, size, head from chains where id = ?'
    const taken = database.one<Taken & object>(sql, chain)
    if (taken === undefined) throw new Error(`a chain has a row: ${chain}`)
    return taken
  }

  /** Takes the next entries of a chain: all of them or none. */
  take({ number }: Taken, entries: readonly EntryView[]): Taken {
    const last = entries.at(-1)
    if (last === undefined) throw new Error('nothing is no entry')
    const taken = { number, size: last.seq + 1, head: entryHash(last.bytes) }
    this.database.atomically(() => {
      this.#hands.learning.learn(
        number,
        entries.map(({ entry }) => entry),
      )
      const sql = 'update chains set size = ?, head = ? where number = ?'
      this.database.run(sql, taken.size, taken.head, number)
    })
    return taken
  }

  /** Forgets all of it. */
  clear(): void {
    this.database.atomically(() => {
      for (const name of tableNames) this.database.exec(`delete from ${name}`)
      this.database.run('insert into about default values')
    })
    this.#places.read()
    this.#hands = handsOn(this.database, this.#places, this.#wall)
  }

  [Symbol.dispose](): void {
    this.database[Symbol.dispose]()
  }
}

/** Who writes and reads the tables, and knows of some numbers what they are. */
interface Hands {
  readonly learning: Learning
  readonly reads: Reader
}

function handsOn(database: Database, places: Places, wall: () => number): Hands {
  const sums = new Sums(database)
  const ranges = new Ranges(database, sums)
  const recent = new Recent(database, sums)
  return {
    learning: new Learning({ database, sums, ranges, recent }, wall),
    reads: new Reader({ database, ranges, recent, places, wall }),
  }
}
