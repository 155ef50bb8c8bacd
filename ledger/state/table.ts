import { type Digest, encode, type RowKind, rowHash, type Schema } from '@nexapod/specs'
import { noPlace, Places } from './places.ts'
import { Tree } from './tree.ts'

/** Rows of one kind, by what they are about. */
export interface Table<V> {
  get(about: string): V | undefined
  set(about: string, value: V): void
  delete(about: string): void
  /** The proof of a row below the last root, or undefined where there is no such row. */
  prove(about: string): RowProof | undefined
}

/** Rows of one kind, by what they are about and a number: those of one group are found together. */
export interface GroupedTable<V> {
  get(group: string, number: number): V | undefined
  set(group: string, number: number, value: V): void
  delete(group: string, number: number): void
  /** Drops all rows of a group. */
  deleteAll(group: string): void
}

/** Where a row stands below the root, and the hashes that lead there. */
export interface RowProof {
  readonly place: number
  /** How many places the tree has: a power of two. */
  readonly capacity: number
  readonly path: readonly Uint8Array[]
}

/** A row: its value is replaced and never changed, so that whoever has one may keep it. */
export class Row {
  readonly kind: RowKind
  readonly schema: Schema<unknown>
  readonly about: string
  /** Of a grouped table, the number in the group. */
  readonly number: number | undefined
  /** Undefined before the row is there, and after it was dropped. */
  value: unknown = undefined
  place = noPlace

  constructor(kind: RowKind, schema: Schema<unknown>, about: string, number?: number) {
    this.kind = kind
    this.schema = schema
    this.about = about
    this.number = number
  }

  get key(): string {
    const { kind, about, number } = this
    return number === undefined ? `${kind}/${about}` : `${kind}/${about}/${number}`
  }
}

/** What a row was before a step of the state changed it, and how to forget a row. */
interface Change {
  readonly row: Row
  readonly before: unknown
  readonly forget: (row: Row) => void
}

/**
 * The tables of a state: each change is noted, so that an entry with a fact that breaks a rule
 * leaves no trace; and each row that changed is known to the tree that the state root is of.
 *
 * Places are given and left when a step ends, so the root is a function of the steps and not of
 * when somebody asked for it. Rows are encoded and hashed when the root is asked for: one that
 * changes a hundred times between two checkpoints is hashed once.
 */
export class Tables {
  readonly #places = new Places<Row>()
  readonly #tree = new Tree()
  #changes: Change[] = []
  /** Places whose leaf is not what their row is now. */
  readonly #stale = new Set<number>()

  /** Adds a table. */
  table<V>(kind: RowKind, schema: Schema<V>): Table<V> {
    const rows = new Map<string, Row>()
    const forget = ({ about }: Row) => rows.delete(about)
    return {
      get: (about) => rows.get(about)?.value as V | undefined,
      set: (about, value) => {
        let row = rows.get(about)
        if (row === undefined) {
          row = new Row(kind, schema as Schema<unknown>, about)
          rows.set(about, row)
        }
        this.#put(row, value, forget)
      },
      delete: (about) => {
        const row = rows.get(about)
        if (row !== undefined) this.#put(row, undefined, forget)
      },
      prove: (about) => this.#prove(rows.get(about)),
    }
  }

  /** Adds a table whose rows are numbered in groups. */
  grouped<V>(kind: RowKind, schema: Schema<V>): GroupedTable<V> {
    const groups = new Map<string, Map<number, Row>>()
    const forget = ({ about, number = 0 }: Row) => {
      const group = groups.get(about)
      if (group?.delete(number) && group.size === 0) groups.delete(about)
    }
    const drop = (row: Row) => this.#put(row, undefined, forget)
    return {
      get: (about, number) => groups.get(about)?.get(number)?.value as V | undefined,
      set: (about, number, value) => {
        let group = groups.get(about)
        if (group === undefined) {
          group = new Map()
          groups.set(about, group)
        }
        let row = group.get(number)
        if (row === undefined) {
          row = new Row(kind, schema as Schema<unknown>, about, number)
          group.set(number, row)
        }
        this.#put(row, value, forget)
      },
      delete: (about, number) => {
        const row = groups.get(about)?.get(number)
        if (row !== undefined) drop(row)
      },
      deleteAll: (about) => {
        for (const row of groups.get(about)?.values() ?? []) drop(row)
      },
    }
  }

  /** Keeps all changes since the last time: a step of the state is done. */
  keep(): void {
    const changes = this.#changes
    this.#changes = []
    // Who leaves comes first: new rows of the same step take their places again.
    for (const { row, forget } of changes) {
      if (row.value !== undefined) continue
      forget(row)
      if (row.place === noPlace) continue
      this.#stale.add(row.place)
      this.#places.leave(row)
    }
    const fresh = new Set<Row>()
    for (const { row } of changes) {
      if (row.value === undefined) continue
      if (row.place === noPlace) fresh.add(row)
      else this.#stale.add(row.place)
    }
    for (const row of inOrder(fresh)) {
      this.#places.take(row)
      this.#stale.add(row.place)
    }
  }

  /** Takes all changes back since the last time. */
  takeBack(): void {
    const changes = this.#changes
    this.#changes = []
    for (const { row, before } of changes.reverse()) row.value = before
    for (const { row, forget } of changes) if (row.value === undefined) forget(row)
  }

  /** How many rows there are. */
  get count(): number {
    return this.#places.count
  }

  /** The root over all rows as they were when the last step was kept. */
  root(): Digest {
    const places = [...this.#stale].sort((a, b) => a - b)
    this.#stale.clear()
    this.#tree.update(places, (place) => {
      const row = this.#places.at(place)
      return row === undefined ? undefined : rowHash(row.key, encode(row.schema, row.value))
    })
    return this.#tree.root()
  }

  #prove(row: Row | undefined): RowProof | undefined {
    if (this.#stale.size > 0) throw new Error('a proof is of a root: ask for that first')
    if (row === undefined) return undefined
    const { place } = row
    return { place, capacity: this.#tree.capacity, path: this.#tree.path(place) }
  }

  #put(row: Row, value: unknown, forget: (row: Row) => void): void {
    this.#changes.push({ row, before: row.value, forget })
    row.value = value
  }
}

/** New rows by their keys, which are ASCII, so that code units are bytes. */
function inOrder(rows: ReadonlySet<Row>): Iterable<Row> {
  if (rows.size < 2) return rows
  const keyed = [...rows].map((row) => ({ row, key: row.key }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return keyed.map(({ row }) => row)
}
