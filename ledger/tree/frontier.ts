import { nodeHash } from '@nexapod/specs'

/** A perfect subtree: the leaves from `index * 2^level` on, `2^level` of them. */
export interface Subtree {
  readonly level: number
  readonly index: number
}

/** A perfect subtree with its hash. */
export interface HashedSubtree extends Subtree {
  readonly hash: Uint8Array
}

/**
 * The right edge of an RFC 6962 tree that grows: the hashes of its perfect subtrees, the largest
 * first. It is all that appending and the root need, so a tree of any size costs a page of memory.
 */
export class Frontier {
  #size: number
  readonly #peaks: Uint8Array[]

  /** An empty tree, or the one that `peaks` was taken from at that size. */
  constructor(size = 0, peaks: readonly Uint8Array[] = []) {
    if (peaks.length !== peakCount(size)) {
      throw new RangeError(`a tree of ${size} has ${peakCount(size)} peaks, not ${peaks.length}`)
    }
    this.#size = size
    this.#peaks = peaks.map((peak) => peak.slice())
  }

  get size(): number {
    return this.#size
  }

  /** The hashes of the perfect subtrees, the largest first: with the size, the whole state. */
  get peaks(): readonly Uint8Array[] {
    return this.#peaks.map((peak) => peak.slice())
  }

  /** Appends a leaf hash; gives the subtrees that it completed, the leaf first. */
  append(leaf: Uint8Array): HashedSubtree[] {
    let hash = leaf
    let index = this.#size
    const completed = [{ level: 0, index, hash }]
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(this.#peaks.pop() as Uint8Array, hash)
      index = (index - 1) / 2
      completed.push({ level, index, hash })
    }
    this.#peaks.push(hash.slice())
    this.#size++
    return completed
  }

  /** The root. An empty tree has none: a chain begins with an entry. */
  root(): Uint8Array {
    return joined(this.#peaks)
  }
}

/** The hash over neighbouring perfect subtrees, the largest and leftmost first. */
export function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1)
  if (last === undefined) throw new RangeError('nothing to join')
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}

function peakCount(size: number): number {
  let count = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
