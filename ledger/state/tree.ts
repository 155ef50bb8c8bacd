import { type Digest, digestText, nodeHash, sha256 } from '@nexapod/specs'

const hashBytes = 32

/** Room for the input of the hash of an inner node, RFC 6962. */
const innerNode = Uint8Array.of(1, ...new Uint8Array(2 * hashBytes))

/**
 * A perfect Merkle tree over places, each with a hash or with zeros. Its capacity is a power of
 * two that only grows; what changed is hashed when the root is asked for.
 */
export class Tree {
  /** The hashes of each level, the leaves first. */
  #levels: Uint8Array[]

  /** The tree over the leaves of so many places, one after the other; the others have zeros. */
  constructor(places = 1, leaves: Uint8Array = new Uint8Array(hashBytes)) {
    this.#levels = emptyLevels(capacityFor(places))
    this.#level(0).set(leaves.subarray(0, places * hashBytes))
    for (let level = 1, width = places; level < this.#levels.length; level++) {
      width = Math.ceil(width / 2)
      for (let index = 0; index < width; index++) this.#rehash(level, index)
    }
  }

  /** How many places there is room for. */
  get capacity(): number {
    return this.#level(0).length / hashBytes
  }

  /** Sets the leaves of some places, which ascend, and brings the hashes above up to date. */
  update(places: readonly number[], leafOf: (place: number) => Uint8Array | undefined): void {
    const last = places.at(-1)
    if (last === undefined) return
    if (last >= this.capacity) this.#grow(capacityFor(last + 1))
    const leaves = this.#level(0)
    for (const place of places) {
      const leaf = leafOf(place)
      const at = place * hashBytes
      if (leaf === undefined) leaves.fill(0, at, at + hashBytes)
      else leaves.set(leaf, at)
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

  #grow(capacity: number): void {
    const before = this.#levels
    this.#levels = emptyLevels(capacity)
    for (const [level, hashes] of before.entries()) this.#level(level).set(hashes)
    // What was the root may stand beside empty places now: its ancestors are hashed anew.
    for (let level = before.length; level < this.#levels.length; level++) this.#rehash(level, 0)
  }

  /** Two neighbours lie side by side: with the byte of an inner node in front they are hashed. */
  #rehash(level: number, index: number): void {
    const below = this.#level(level - 1)
    const both = index * 2 * hashBytes
    innerNode.set(below.subarray(both, both + 2 * hashBytes), 1)
    this.#level(level).set(sha256(innerNode), index * hashBytes)
  }

  #level(level: number): Uint8Array {
    return this.#levels[level] as Uint8Array
  }
}

function capacityFor(places: number): number {
  let capacity = 1
  while (capacity < places) capacity *= 2
  return capacity
}

/** The levels of a tree without any row: each level repeats the hash of an empty subtree. */
function emptyLevels(capacity: number): Uint8Array[] {
  const levels = [new Uint8Array(capacity * hashBytes)]
  let hash: Uint8Array = new Uint8Array(hashBytes)
  for (let width = capacity / 2; width >= 1; width /= 2) {
    hash = nodeHash(hash, hash)
    const level = new Uint8Array(width * hashBytes)
    level.set(hash)
    // What is filled is copied behind itself, twice as much each time.
    for (let filled = hashBytes; filled < level.length; filled *= 2) {
      level.copyWithin(filled, 0, filled)
    }
    levels.push(level)
  }
  return levels
}
