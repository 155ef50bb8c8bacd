import { decode, entrySchema } from '@nexapod/specs'
import { noon } from '../../../test/cast.ts'
import type { Rig } from '../../../test/rig.ts'
import type { EntryView } from '../../home/view.ts'
import { Book } from '../register/book.ts'

const open: Book[] = []

/** Closes what was opened. */
export function closeBooks(): void {
  for (const book of open.splice(0)) book[Symbol.dispose]()
}

/** What the register makes of the entries of rigs, some of each in turn. */
export function bookOf(rigs: readonly Rig[], group = 7, wall = () => wallOf(rigs)): Book {
  const book = Book.open(':memory:', wall)
  open.push(book)
  readInto(book, rigs, group)
  return book
}

/** Has a book take all of their entries. */
export function readInto(book: Book, rigs: readonly Rig[], group = 7): void {
  const left = rigs.map((rig) => ({ taken: book.taken(rig.chain), entries: viewsOf(rig) }))
  while (left.some(({ entries }) => entries.length > 0)) {
    for (const one of left) {
      const some = one.entries.splice(0, group)
      if (some.length > 0) one.taken = book.take(one.taken, some)
    }
  }
}

function wallOf(rigs: readonly Rig[]): number {
  return noon + Math.max(...rigs.map((rig) => rig.at))
}

function viewsOf(rig: Rig): EntryView[] {
  return rig.entries.map((bytes, seq) => {
    const entry = decode(entrySchema, bytes)
    if (!entry.ok) throw new Error(entry.refusal.code)
    return { seq, bytes, entry: entry.value }
  })
}
