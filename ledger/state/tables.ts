import { type Digest, type RowKind, type Schema, sha256Into } from '@nexapod/specs'
import { PairedTable } from './paired-table.ts'
import { Marks, noPlace, Places } from './places.ts'
import { GroupedTable, type Put, putLeaf, type Row, Table } from './table.ts'
import { Tree } from './tree.ts'

/** Where a row stands below the root, and the hashes that lead there. */
export interface RowProof {
  readonly place: number
  /** How many places the tree has: a power of two. */
  readonly capacity: number
  readonly path: readonly Uint8Array[]
}

type AnyTable = Table<unknown> | GroupedTable<unknown> | PairedTable<unknown>

/** A table with its kind and the slash behind it, as keys begin. */
interface Named {
  readonly name: Uint8Array
  readonly table: AnyTable
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
  readonly #tables: Named[] = []
  #places = new Places<Row>()
  #tree = new Tree()
  /** Rows that a step changed, and beside each what it was before. */
  readonly #changed: Row[] = []
  readonly #before: unknown[] = []
  /** Places whose leaf is not what their row is now. */
  readonly #stale = new Marks()

  /** Adds a table. */
  table<V>(kind: RowKind, schema: Schema<V>): Table<V> {
    const table = new Table(kind, schema, this.#put)
    this.#tables.push({ name: nameOf(kind), table: table as Table<unknown> })
    return table
  }

  /** Adds a table whose rows are numbered in groups. */
  grouped<V>(kind: RowKind, schema: Schema<V>): GroupedTable<V> {
    const table = new GroupedTable(kind, schema, this.#put)
    this.#tables.push({ name: nameOf(kind), table: table as GroupedTable<unknown> })
    return table
  }

  /** Adds a table whose rows have a word beside what they are about. */
  paired<V>(kind: RowKind, schema: Schema<V>): PairedTable<V> {
    const table = new PairedTable(kind, schema, this.#put)
    this.#tables.push({ name: nameOf(kind), table: table as PairedTable<unknown> })
    return table
  }

  /** Keeps all changes since the last time: a step of the state is done. */
  keep(): void {
    const changed = this.#changed
    // Who leaves comes first: new rows of the same step take their places again.
    for (const row of changed) if (row.value === undefined) this.#drop(row)
    const fresh: Row[] = []
    for (const row of changed) {
      if (row.value === undefined) continue
      if (row.place >= 0) this.#stale.add(row.place)
      else if (row.place === noPlace) {
        fresh.push(row)
        row.place = placeToCome
      }
    }
    for (const row of inOrder(fresh)) {
      this.#places.take(row)
      this.#stale.add(row.place)
    }
    this.#forgetChanges()
  }

  /** Takes all changes back since the last time. */
  takeBack(): void {
    const changed = this.#changed
    for (let i = changed.length - 1; i >= 0; i--) (changed[i] as Row).value = this.#before[i]
    for (const row of changed) if (row.value === undefined) row.shelf.forget(row)
    this.#forgetChanges()
  }

  /** How many rows there are. */
  get count(): number {
    return this.#places.count
  }

  /** The rows in the order of their places, as they are now; undefined where a place is free. */
  placed(): (Row | undefined)[] {
    return this.#places.all()
  }

  /** The root over all rows as they were when the last step was kept. */
  root(): Digest {
    this.#tree.update(this.#stale.take(), (place, into, at) => {
      const row = this.#places.at(place)
      if (row === undefined) return
      const { end } = putLeaf(row, row.value, leaf, 0)
      sha256Into(leaf.subarray(0, end), into, at)
    })
    return this.#tree.root()
  }

  /** The proof of a row below the last root, or undefined where there is none. */
  prove(row: Row | undefined): RowProof | undefined {
    if (this.#stale.some) throw new Error('a proof is of a root: ask for that first')
    if (row === undefined) return undefined
    const { place } = row
    return { place, capacity: this.#tree.capacity, path: this.#tree.path(place) }
  }

  /** The table whose kind stands there in some bytes, with a slash behind. */
  at(bytes: Uint8Array, at: number): AnyTable | undefined {
    return this.#tables.find(({ name }) => name.every((byte, i) => bytes[at + i] === byte))?.table
  }

  /** Gives rows that were read the places that they had, and their leaves. */
  restore(placed: (Row | undefined)[], leaves: Uint8Array): void {
    this.#places = new Places(placed)
    this.#tree = new Tree(leaves, placed.length)
  }

  readonly #put: Put = (row, value) => {
    this.#changed.push(row)
    this.#before.push(row.value)
    row.value = value
  }

  #forgetChanges(): void {
    this.#changed.length = 0
    this.#before.length = 0
  }

  #drop(row: Row): void {
    row.shelf.forget(row)
    if (row.place === noPlace) return
    this.#stale.add(row.place)
    this.#places.leave(row)
  }
}

function nameOf(kind: RowKind): Uint8Array {
  return new TextEncoder().encode(`${kind}/`)
}

/** The place of a new row until it has one: it is new once, however often it was changed. */
const placeToCome = -2

/** Room for one leaf: no key and value are longer. */
const leaf = new Uint8Array(8192)

/** New rows by their keys, which are ASCII, so that code units are bytes. */
function inOrder(rows: readonly Row[]): readonly Row[] {
  if (rows.length < 2) return rows
  const keyed = rows.map((row) => ({ row, key: row.key }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  return keyed.map(({ row }) => row)
}
