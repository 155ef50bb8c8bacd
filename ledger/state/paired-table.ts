import type { RowKind, Schema } from '@nexapod/specs'
import { type Put, Row, type Shelf } from './table.ts'

/**
 * Rows of one kind, by what they are about and one of a few words: both are texts that are there
 * already, so that nobody has to join them to find a row.
 */
export class PairedTable<V> implements Shelf {
  readonly kind: RowKind
  readonly schema: Schema<unknown>
  readonly #put: Put
  readonly #byWord = new Map<string, Map<string, Row>>()

  constructor(kind: RowKind, schema: Schema<V>, put: Put) {
    this.kind = kind
    this.schema = schema as Schema<unknown>
    this.#put = put
  }

  get(about: string, word: string): V | undefined {
    return this.row(about, word)?.value as V | undefined
  }

  set(about: string, word: string, value: V): void {
    this.#put(this.row(about, word) ?? this.#added(about, word), value)
  }

  /** The row itself. */
  row(about: string, word: string): Row | undefined {
    return this.#byWord.get(word)?.get(about)
  }

  /** Adds a row as it was, if there is none and its key has a word. */
  restore(key: string, value: unknown): Row | undefined {
    const slash = key.lastIndexOf('/')
    const [about, word] = [key.slice(0, slash), key.slice(slash + 1)]
    if (slash === -1 || this.row(about, word) !== undefined) return undefined
    return this.#added(about, word, value)
  }

  forget({ about, within }: Row): void {
    this.#byWord.get(within as string)?.delete(about)
  }

  #added(about: string, word: string, value?: unknown): Row {
    let rows = this.#byWord.get(word)
    if (rows === undefined) {
      rows = new Map()
      this.#byWord.set(word, rows)
    }
    const row = new Row(this, about, word, value)
    rows.set(about, row)
    return row
  }
}
