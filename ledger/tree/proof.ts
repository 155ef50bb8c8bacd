import { nodeHash, rootOfPath } from '@nexapod/specs'
import type { Subtree } from './frontier.ts'

/**
 * What a proof is made of: each of its hashes is that over some neighbouring perfect subtrees.
 * Whoever holds the subtrees looks them up and joins them; so this needs no disk and no waiting.
 */
export type Plan = readonly (readonly Subtree[])[]

/** The plan of the path from a leaf to the root of a tree of this size (RFC 6962, 2.1.1). */
export function inclusionPlan(index: number, size: number): Plan {
  if (index < 0 || index >= size) throw new RangeError(`no leaf ${index} of ${size}`)
  return pathTo(index, 0, size)
}

/** The plan of the proof that a tree extends its first `from` leaves (RFC 6962, 2.1.2). */
export function consistencyPlan(from: number, size: number): Plan {
  if (from < 1 || from > size) throw new RangeError(`no tree of ${size} extends one of ${from}`)
  return from === size ? [] : extension(from, 0, size, true)
}

/** Whether a path proves that a leaf stands at this index below the root. */
export function includes(
  root: Uint8Array,
  size: number,
  index: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  const reached = rootOfPath(leaf, index, size, path)
  return reached !== undefined && same(reached, root)
}

/** Whether a path proves that one tree extends another (RFC 9162, 2.1.4.2). */
export function extendsTree(
  from: { readonly size: number; readonly root: Uint8Array },
  to: { readonly size: number; readonly root: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  if (from.size < 1 || from.size > to.size) return false
  if (from.size === to.size) return path.length === 0 && same(from.root, to.root)
  // A whole tree that is a perfect subtree of the larger one is itself the first hash.
  const [first, ...rest] = isPower(from.size) ? [from.root, ...path] : path
  if (first === undefined) return false
  let at = from.size - 1
  let last = to.size - 1
  while (at % 2 === 1) {
    at = (at - 1) / 2
    last = Math.floor(last / 2)
  }
  let old = first
  let grown = first
  for (const hash of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      old = nodeHash(hash, old)
      grown = nodeHash(hash, grown)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else {
      grown = nodeHash(grown, hash)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && same(old, from.root) && same(grown, to.root)
}

/** Whether two hashes are equal. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** The perfect subtrees that the leaves from `start` to `end` are made of, as RFC 6962 splits. */
function subtrees(start: number, end: number): Subtree[] {
  const found: Subtree[] = []
  let at = start
  while (at < end) {
    let level = 0
    let width = 1
    while (width * 2 <= end - at && at % (width * 2) === 0) {
      level++
      width *= 2
    }
    found.push({ level, index: at / width })
    at += width
  }
  return found
}

function pathTo(index: number, start: number, end: number): Subtree[][] {
  if (end - start === 1) return []
  const middle = start + leftWidth(end - start)
  return index < middle
    ? [...pathTo(index, start, middle), subtrees(middle, end)]
    : [...pathTo(index, middle, end), subtrees(start, middle)]
}

/** `whole` says that what is left of the smaller tree has been a tree from its start. */
function extension(from: number, start: number, end: number, whole: boolean): Subtree[][] {
  if (from === end) return whole ? [] : [subtrees(start, end)]
  const middle = start + leftWidth(end - start)
  return from <= middle
    ? [...extension(from, start, middle, whole), subtrees(middle, end)]
    : [...extension(from, middle, end, false), subtrees(start, middle)]
}

/** The largest power of two below a width. */
function leftWidth(width: number): number {
  let left = 1
  while (left * 2 < width) left *= 2
  return left
}

function isPower(size: number): boolean {
  return leftWidth(size) * 2 === size || size === 1
}
