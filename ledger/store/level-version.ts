import { Cursor } from './level-cursor.ts'

/** A table that counts, and how long it is. */
export interface Table {
  readonly number: number
  readonly size: number
}

const levels = 7

/** What a MANIFEST says: which files count after all of its edits. */
export class Version {
  readonly #tables = new Map<string, Table>()
  readonly #numbers = new Map<number, number>()

  /** Whether all is there that LevelDB opens nothing without. */
  get whole(): boolean {
    return [tags.log, tags.nextFile, tags.lastSequence].every((tag) => this.#numbers.has(tag))
  }

  /** The log that is written, and what is newer, counts; 0 if there is none yet. */
  get log(): number {
    return this.#numbers.get(tags.log) ?? 0
  }

  /** A log that counts though it is older; 0 if there is none. */
  get previousLog(): number {
    return this.#numbers.get(tags.previousLog) ?? 0
  }

  /** The tables that count, the oldest first. */
  get tables(): Table[] {
    return [...this.#tables.values()].sort((a, b) => a.number - b.number)
  }

  /** Takes an edit in; says whether it was one. */
  take(edit: Uint8Array): boolean {
    const cursor = new Cursor(edit)
    while (!cursor.ended) if (!this.#field(cursor)) return false
    return !cursor.failed
  }

  #field(cursor: Cursor): boolean {
    const tag = cursor.varint()
    switch (tag) {
      case tags.comparator:
        cursor.take(cursor.varint())
        return true
      case tags.log:
      case tags.nextFile:
      case tags.lastSequence:
      case tags.previousLog:
        this.#numbers.set(tag, cursor.varint())
        return true
      case tags.compacted:
      case tags.deleted:
      case tags.added:
        return this.#ofLevel(tag, cursor)
      default:
        return false
    }
  }

  #ofLevel(tag: number, cursor: Cursor): boolean {
    const level = cursor.varint()
    if (tag === tags.compacted) {
      cursor.take(cursor.varint())
      return level < levels
    }
    const number = cursor.varint()
    // A table can go from one level to another, and is deleted and added in one edit.
    const key = `${level}/${number}`
    if (tag === tags.deleted) {
      this.#tables.delete(key)
      return level < levels
    }
    const size = cursor.varint()
    const keys = 2
    for (let i = 0; i < keys; i++) cursor.take(cursor.varint())
    this.#tables.set(key, { number, size })
    return level < levels
  }
}

/** What a field of an edit is about: the number in front of it. */
const tags = {
  comparator: 1,
  log: 2,
  nextFile: 3,
  lastSequence: 4,
  compacted: 5,
  deleted: 6,
  added: 7,
  previousLog: 9,
} as const
