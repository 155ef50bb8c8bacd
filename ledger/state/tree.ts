import { type Digest, digestText, nodeHash, sha256Into } from '@nexapod/specs'

/** The length of a hash. */
export const hashBytes = 32

/** Room for the input of the hash of an inner node, RFC 6962. */
const innerNode = Uint8Array.of(1, ...new Uint8Array(2 * hashBytes))

/**
 * A perfect Merkle tree over places, each with a hash or with zeros. Its capacity is a power of
 * two that only grows; what changed is hashed when the root is asked for.
 */
export class Tree {
  /** The hashes of each level, the leaves first. */
  #levels: Uint8Array[]

  /**
   * The tree over leaves, one after the other: zeros behind so many places, up to the capacity.
   * They are the tree's from now on.
   */
  constructor(leaves: Uint8Array = new Uint8Array(hashBytes), places = 0) {
    this.#levels = withInner(leaves)
    for (let level = 1, width = places; level < this.#levels.length; level++) {
      width = Math.ceil(width / 2)
      for (let index = 0; index < width; index++) this.#rehash(level, index)
    }
  }

  /** How many places there is room for. */
  get capacity(): number {
    return this.#level(0).length / hashBytes
  }

  /**
   * Sets the leaves of some places, which ascend, and brings the hashes above up to date. `put`
   * puts the leaf of a place, or leaves the zeros that are there.
   */
  update(
    places: readonly number[],
    put: (place: number, into: Uint8Array, at: number) => void,
  ): void {
    const last = places.at(-1)
    if (last === undefined) return
    if (last >= this.capacity) this.#grow(last + 1)
    const leaves = this.#level(0)
    for (const place of places) {
      const at = place * hashBytes
      leaves.fill(0, at, at + hashBytes)
      put(place, leaves, at)
    }
    let dirty = places
    for (let level = 1; level < this.#levels.length; level++) {
      const parents: number[] = []
      for (const index of dirty) {
        const parent = index >>> 1
        if (parents.at(-1) !== parent) parents.push(parent)
      }
      for (const parent of parents) this.#rehash(level, parent)
      dirty = parents
    }
  }

  /** The root over all leaves as they were set. */
  root(): Digest {
    return digestText(this.#level(this.#levels.length - 1))
  }

  /** The hashes from a place to the root, the lowest first. */
  path(place: number): Uint8Array[] {
    return this.#levels.slice(0, -1).map((hashes, level) => {
      const at = ((place >>> level) ^ 1) * hashBytes
      return hashes.slice(at, at + hashBytes)
    })
  }

  #grow(places: number): void {
    const before = this.#levels
    let { capacity } = this
    while (capacity < places) capacity *= 2
    this.#levels = withInner(new Uint8Array(capacity * hashBytes))
    for (const [level, hashes] of before.entries()) this.#level(level).set(hashes)
    // What was the root may stand beside empty places now: its ancestors are hashed anew.
    for (let level = before.length; level < this.#levels.length; level++) this.#rehash(level, 0)
  }

  /** Two neighbours lie side by side: with the byte of an inner node in front they are hashed. */
  #rehash(level: number, index: number): void {
    const below = this.#level(level - 1)
    const both = index * 2 * hashBytes
    for (let i = 0; i < 2 * hashBytes; i++) innerNode[1 + i] = below[both + i] as number
    sha256Into(innerNode, this.#level(level), index * hashBytes)
  }

  #level(level: number): Uint8Array {
    return this.#levels[level] as Uint8Array
  }
}

/** Leaves with the levels above them, as if there were no row: a level repeats one hash. */
function withInner(leaves: Uint8Array): Uint8Array[] {
  const levels = [leaves]
  let hash: Uint8Array = new Uint8Array(hashBytes)
  for (let bytes = leaves.length / 2; bytes >= hashBytes; bytes /= 2) {
    hash = nodeHash(hash, hash)
    const level = new Uint8Array(bytes)
    level.set(hash)
    // What is filled is copied behind itself, twice as much each time.
    for (let filled = hashBytes; filled < bytes; filled *= 2) level.copyWithin(filled, 0, filled)
    levels.push(level)
  }
  return levels
}
