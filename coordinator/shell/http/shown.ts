import { entryHash, type Infer } from '@nexapod/specs'
import type { EntryView } from '../home/view.ts'
import type { shapes } from './shapes.ts'

/** An entry as it is shown, in its bytes and decoded. */
export function shownEntry({ seq, bytes, entry }: EntryView): Infer<typeof shapes.Entry> {
  return { seq, hash: entryHash(bytes), bytes, entry }
}
