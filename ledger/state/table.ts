import { encodeInto, type RowKind, type Schema } from '@nexapod/specs'
import { noPlace } from './places.ts'

/** What all rows of a table have in common. */
export interface Shelf {
  readonly kind: RowKind
  readonly schema: Schema<unknown>
  /** Takes away a row that was dropped. */
  forget(row: Row): void
}

/** A row: its value is replaced and never changed, so that whoever has one may keep it. */
export class Row {
  readonly shelf: Shelf
  readonly about: string
  /** Which of those that are about it, where there may be several: a number, or a word. */
  readonly within: number | string | undefined
  /** Undefined before the row is there, and after it was dropped. */
  value: unknown
  place = noPlace

  constructor(shelf: Shelf, about: string, within?: number | string, value?: unknown) {
    this.shelf = shelf
    this.about = about
    this.within = within
    this.value = value
  }

  /** What its leaf begins with, and what new rows are ordered by. */
  get key(): string {
    const { shelf, about, within } = this
    return within === undefined ? `${shelf.kind}/${about}` : `${shelf.kind}/${about}/${within}`
  }
}

/**
 * Puts what the leaf of a row is the hash of in its place: 0, the key with its length in front,
 * and a value. Gives where the value begins, and where it ends.
 */
export function putLeaf(
  { shelf, about, within }: Row,
  value: unknown,
  into: Uint8Array,
  at: number,
): { value: number; end: number } {
  const key = at + leafHeadBytes
  let end = putText(about, into, putText(shelf.kind, into, key) + 1)
  into[end - about.length - 1] = slash
  if (within !== undefined) {
    into[end] = slash
    end = putText(String(within), into, end + 1)
  }
  into[at] = 0
  into[at + 1] = (end - key) >>> 8
  into[at + 2] = end - key
  return { value: end, end: encodeInto(shelf.schema, value, into, end) }
}

/** In front of the key in a leaf: 0, and the length of the key in two bytes. */
export const leafHeadBytes = 3

const slash = '/'.charCodeAt(0)

/** Puts a text of ASCII in its place; gives where it ends. */
function putText(text: string, into: Uint8Array, at: number): number {
  const { length } = text
  for (let i = 0; i < length; i++) into[at + i] = text.charCodeAt(i)
  return at + length
}

/** Gives a row another value, or none, so that it can be taken back. */
export type Put = (row: Row, value: unknown) => void

/** Rows of one kind, by what they are about. */
export class Table<V> implements Shelf {
  readonly kind: RowKind
  readonly schema: Schema<unknown>
  readonly #put: Put
  readonly #rows = new Map<string, Row>()

  constructor(kind: RowKind, schema: Schema<V>, put: Put) {
    this.kind = kind
    this.schema = schema as Schema<unknown>
    this.#put = put
  }

  get(about: string): V | undefined {
    return this.#rows.get(about)?.value as V | undefined
  }

  set(about: string, value: V): void {
    this.#put(this.#rows.get(about) ?? this.#added(new Row(this, about)), value)
  }

  delete(about: string): void {
    const row = this.#rows.get(about)
    if (row !== undefined) this.#put(row, undefined)
  }

  /** All rows: what each is about, and its value. */
  *entries(): Generator<[string, V]> {
    for (const { about, value } of this.#rows.values()) yield [about, value as V]
  }

  /** The row itself. */
  row(about: string): Row | undefined {
    return this.#rows.get(about)
  }

  /** Adds a row as it was; undefined if there was one, and then the table is no good any more. */
  restore(about: string, value: unknown): Row | undefined {
    const before = this.#rows.size
    const row = this.#added(new Row(this, about, undefined, value))
    return this.#rows.size > before ? row : undefined
  }

  forget({ about }: Row): void {
    this.#rows.delete(about)
  }

  #added(row: Row): Row {
    this.#rows.set(row.about, row)
    return row
  }
}

/** Rows of one kind, by what they are about and a number: those of one group are found together. */
export class GroupedTable<V> implements Shelf {
  readonly kind: RowKind
  readonly schema: Schema<unknown>
  readonly #put: Put
  readonly #groups = new Map<string, Map<number, Row>>()

  constructor(kind: RowKind, schema: Schema<V>, put: Put) {
    this.kind = kind
    this.schema = schema as Schema<unknown>
    this.#put = put
  }

  get(group: string, number: number): V | undefined {
    return this.#groups.get(group)?.get(number)?.value as V | undefined
  }

  set(group: string, number: number, value: V): void {
    const row = this.#groups.get(group)?.get(number) ?? this.#added(group, number)
    this.#put(row, value)
  }

  delete(group: string, number: number): void {
    const row = this.#groups.get(group)?.get(number)
    if (row !== undefined) this.#put(row, undefined)
  }

  /** The rows of a group: the number of each, and its value. */
  *entries(group: string): Generator<[number, V]> {
    for (const [number, { value }] of this.#groups.get(group) ?? []) yield [number, value as V]
  }

  /** Drops all rows of a group. */
  deleteAll(group: string): void {
    for (const row of this.#groups.get(group)?.values() ?? []) this.#put(row, undefined)
  }

  /** Adds a row as it was, if there is none and it is about a group and a number. */
  restore(about: string, value: unknown): Row | undefined {
    const slash = about.lastIndexOf('/')
    const [group, text] = [about.slice(0, slash), about.slice(slash + 1)]
    const number = Number(text)
    if (slash === -1 || String(number) !== text) return undefined
    if (this.#groups.get(group)?.has(number) === true) return undefined
    return this.#added(group, number, value)
  }

  forget({ about, within }: Row): void {
    const group = this.#groups.get(about)
    if (group?.delete(within as number) === true && group.size === 0) this.#groups.delete(about)
  }

  #added(group: string, number: number, value?: unknown): Row {
    let rows = this.#groups.get(group)
    if (rows === undefined) {
      rows = new Map()
      this.#groups.set(group, rows)
    }
    const [first] = rows.values()
    const row = new Row(this, first?.about ?? group, number, value)
    rows.set(number, row)
    return row
  }
}
