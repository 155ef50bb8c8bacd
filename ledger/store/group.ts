import { leafHash, limits } from '@nexapod/specs'
import type { Taken } from '../chain/chain.ts'
import { Damage } from './damage.ts'
import type { Change } from './disk.ts'
import {
  equal,
  hasRow,
  nodeKey,
  openedPage,
  pagedBytes,
  pageKey,
  sealedNode,
  sealedPage,
} from './row.ts'

/** The rows of entries that are written at once. */
export interface Group {
  readonly changes: readonly Change[]
  /** Hashes the entries again, as they were read back: the rows in the order of the changes. */
  rehash(rows: readonly (Uint8Array | undefined)[]): void
}

/** Makes the rows of these entries: their pages, then the nodes of the tree that they complete. */
export function groupOf(taken: readonly Taken[]): Group {
  const pages = pagesOf(taken)
  return {
    changes: [...pages.map(({ change }) => change), ...nodeChanges(taken)],
    rehash(rows) {
      for (const [i, page] of pages.entries()) rehash(page, rows[i])
    },
  }
}

/** Whether the rows are as they were written. One log has died of a bit that flipped on its way. */
export function readBack(
  changes: readonly Change[],
  rows: readonly (Uint8Array | undefined)[],
): void {
  for (const [i, change] of changes.entries()) {
    const row = rows[i]
    if (change.type === 'del') {
      if (row !== undefined) throw new Damage('read back', 'a row that was deleted')
    } else if (row === undefined || !equal(row, change.value)) {
      throw new Damage('read back', 'another row than was written')
    }
  }
}

/** Entries that go into one row, and the change that it is. */
interface WrittenPage {
  readonly change: Change
  readonly taken: readonly Taken[]
}

/** The pages of these entries: one, unless they are long. */
function pagesOf(taken: readonly Taken[]): WrittenPage[] {
  const pages: WrittenPage[] = []
  for (let from = 0; from < taken.length; ) {
    let to = from
    for (let bytes = 0; to < taken.length; to++) {
      bytes += pagedBytes(taken[to] as Taken)
      if (bytes > limits.pageBytesMax && to > from) break
    }
    const some = taken.slice(from, to)
    const key = pageKey((some[0] as Taken).entry.seq)
    const value = sealedPage(key, some.map(hashed))
    pages.push({ change: { type: 'put', key, value }, taken: some })
    from = to
  }
  return pages
}

function nodeChanges(taken: readonly Taken[]): Change[] {
  const changes: Change[] = []
  for (const { completed } of taken) {
    for (const { level, index, hash } of completed) {
      if (!hasRow(level)) continue
      const key = nodeKey(level, index)
      changes.push({ type: 'put', key, value: sealedNode(key, hash) })
    }
  }
  return changes
}

/** Hashes the entries of a page again, as they were read. */
function rehash({ change, taken }: WrittenPage, row: Uint8Array | undefined): void {
  const entries = openedPage(change.key, row)
  for (const [i, one] of taken.entries()) {
    const { entry } = one
    if (equal(leafHash(entries[i] as Uint8Array), hashed(one).hash)) continue
    throw new Damage(`entry ${entry.seq}`, 'it was changed before it was written')
  }
}

function hashed({ bytes, completed }: Taken) {
  return { bytes, hash: completed[0]?.hash as Uint8Array }
}
