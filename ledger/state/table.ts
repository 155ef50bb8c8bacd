import { encode, type Schema } from '@nexapod/specs'
import { Rows } from './rows.ts'

/** Rows of one kind, by id. */
export interface Table<V> {
  get(id: string): V | undefined
  set(id: string, value: V): void
  delete(id: string): void
}

/**
 * The tables of a state: each change is noted, so that an entry with a fact that breaks a rule
 * leaves no trace; and each changed row is known to the tree that the state root is of.
 */
export class Tables {
  readonly #rows = new Rows((key) => this.#encoded(key))
  readonly #tables = new Map<string, Reader>()
  #undo: (() => void)[] = []

  /** Adds a table whose rows are encoded by a schema. Its name is part of every row's key. */
  table<V>(name: string, schema: Schema<V>): Table<V> {
    const rows = new Map<string, V>()
    this.#tables.set(name, {
      has: (id) => rows.has(id),
      encoded: (id) => {
        const value = rows.get(id)
        return value === undefined ? undefined : encode(schema, value)
      },
    })
    const put = (id: string, value: V | undefined) => {
      const before = rows.get(id)
      this.#undo.push(() => restore(rows, id, before))
      restore(rows, id, value)
      this.#rows.touch(`${name}/${id}`)
    }
    return {
      get: (id) => rows.get(id),
      set: put,
      delete: (id) => put(id, undefined),
    }
  }

  /** Keeps all changes since the last time: a step of the state is done. */
  keep(): void {
    this.#undo = []
    this.#rows.settle((key) => this.#has(key))
  }

  /** Takes all changes back since the last time. */
  takeBack(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.keep()
  }

  /** The Merkle tree over all rows. */
  get rows(): Rows {
    return this.#rows
  }

  #encoded(key: string): Uint8Array | undefined {
    const { table, id } = this.#of(key)
    return table?.encoded(id)
  }

  #has(key: string): boolean {
    const { table, id } = this.#of(key)
    return table?.has(id) === true
  }

  #of(key: string): { table: Reader | undefined; id: string } {
    const slash = key.indexOf('/')
    return { table: this.#tables.get(key.slice(0, slash)), id: key.slice(slash + 1) }
  }
}

/** What the rows need of a table, whatever its values are. */
interface Reader {
  has(id: string): boolean
  encoded(id: string): Uint8Array | undefined
}

function restore<V>(rows: Map<string, V>, id: string, value: V | undefined): void {
  if (value === undefined) rows.delete(id)
  else rows.set(id, value)
}
