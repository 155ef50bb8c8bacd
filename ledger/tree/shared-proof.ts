import { nodeHash } from '@nexapod/specs'

/** A leaf of a tree, by its hash. */
export interface Leaf {
  readonly index: number
  readonly hash: Uint8Array
}

/**
 * What proves several leaves below one root: the hashes of all that none of them stands in, from
 * left to right. What their paths share is there once. `hashAt` has the hash of every leaf.
 */
export function sharedProof(
  indices: readonly number[],
  size: number,
  hashAt: (index: number) => Uint8Array,
): Uint8Array[] {
  const hashes: Uint8Array[] = []
  const whole = (start: number, end: number): Uint8Array => {
    if (end - start === 1) return hashAt(start)
    const middle = start + leftWidth(end - start)
    return nodeHash(whole(start, middle), whole(middle, end))
  }
  let next = 0
  const below = (start: number, end: number): void => {
    const index = indices[next]
    if (index === undefined || index >= end) {
      hashes.push(whole(start, end))
    } else if (end - start === 1) {
      next++
    } else {
      const middle = start + leftWidth(end - start)
      below(start, middle)
      below(middle, end)
    }
  }
  if (!ascend(indices, size)) throw new RangeError(`leaves of ${size} ascend, each once`)
  below(0, size)
  return hashes
}

/** The root that leaves and such hashes give; undefined where they fit no tree of this size. */
export function rootOfShared(
  leaves: readonly Leaf[],
  size: number,
  hashes: readonly Uint8Array[],
): Uint8Array | undefined {
  const indices = leaves.map(({ index }) => index)
  if (!ascend(indices, size)) return undefined
  let [next, used] = [0, 0]
  const below = (start: number, end: number): Uint8Array | undefined => {
    const leaf = leaves[next]
    if (leaf === undefined || leaf.index >= end) return hashes[used++]
    if (end - start === 1) {
      next++
      return leaf.hash
    }
    const middle = start + leftWidth(end - start)
    const left = below(start, middle)
    const right = left && below(middle, end)
    return left && right && nodeHash(left, right)
  }
  const root = below(0, size)
  return used === hashes.length ? root : undefined
}

function ascend(indices: readonly number[], size: number): boolean {
  return indices.every((index, i) => index > (indices[i - 1] ?? -1) && index < size)
}

/** The largest power of two below a width. */
function leftWidth(width: number): number {
  let left = 1
  while (left * 2 < width) left *= 2
  return left
}
