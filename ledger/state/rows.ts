import { type Digest, digestText, nodeHash, rowHash, sha256 } from '@nexapod/specs'
import { Slots } from './slots.ts'

const hashBytes = 32

/** Room for the input of the hash of an inner node, RFC 6962. */
const innerNode = Uint8Array.of(1, ...new Uint8Array(2 * hashBytes))

/** Where a row stands below the root, and the hashes that lead there. */
export interface RowProof {
  readonly place: number
  /** How many places the tree has: a power of two. */
  readonly capacity: number
  readonly path: readonly Uint8Array[]
}

/**
 * The Merkle tree over the rows of a state: a place for each key, and a root that is brought up
 * to date for the rows that changed. Places are given and taken when a step is settled, the lowest
 * free one first; so the root is a function of the steps, and not of when somebody asked for it.
 *
 * Rows are read when the root is asked for: a row that changes a hundred times between two
 * checkpoints is encoded and hashed once.
 */
export class Rows {
  readonly #read: (key: string) => Uint8Array | undefined
  readonly #slots = new Slots()
  /** Keys that the step has touched. */
  readonly #touched = new Set<string>()
  /** Places whose leaf is not what their row is now. */
  readonly #stale = new Set<number>()
  /** The hashes of each level, the leaves first; a place without a row has zeros. */
  #levels: Uint8Array[] = [new Uint8Array(hashBytes)]

  /** `read` gives the encoded row of a key, or undefined where there is none any more. */
  constructor(read: (key: string) => Uint8Array | undefined) {
    this.#read = read
  }

  /** How many rows there are. */
  get count(): number {
    return this.#slots.count
  }

  /** Says that the row of a key was made, changed or dropped. */
  touch(key: string): void {
    this.#touched.add(key)
  }

  /** Ends a step: `has` says which of the keys that it touched have a row now. */
  settle(has: (key: string) => boolean): void {
    const keys = [...this.#touched].sort()
    this.#touched.clear()
    // Dropped rows first: new rows of the same step take their places again.
    for (const key of keys) if (!has(key)) this.#drop(key)
    for (const key of keys) {
      if (has(key)) this.#stale.add(this.#slots.of(key) ?? this.#slots.take(key))
    }
  }

  /** The root over all rows as they were when the last step was settled. */
  root(): Digest {
    let dirty = this.#refresh()
    for (let level = 1; level < this.#levels.length; level++) {
      const parents: number[] = []
      for (const index of dirty) {
        const parent = index >>> 1
        if (parents.at(-1) !== parent) parents.push(parent)
      }
      for (const parent of parents) this.#rehash(level, parent)
      dirty = parents
    }
    return digestText(this.#levels.at(-1) as Uint8Array)
  }

  /** The proof of a row below the last root, or undefined where there is no such row. */
  prove(key: string): RowProof | undefined {
    if (this.#stale.size > 0) throw new Error('a proof is of a root: ask for that first')
    const place = this.#slots.of(key)
    if (place === undefined) return undefined
    const path: Uint8Array[] = []
    for (let level = 0; level + 1 < this.#levels.length; level++) {
      path.push(this.#hash(level, (place >>> level) ^ 1).slice())
    }
    return { place, capacity: (this.#levels[0] as Uint8Array).length / hashBytes, path }
  }

  /** Writes the leaves that are stale; gives their places in ascending order. */
  #refresh(): number[] {
    const stale = [...this.#stale].sort((a, b) => a - b)
    this.#stale.clear()
    const last = stale.at(-1)
    if (last !== undefined) this.#grow(last)
    for (const place of stale) {
      const key = this.#slots.at(place)
      const row = key === undefined ? undefined : this.#read(key)
      if (key === undefined || row === undefined) this.#hash(0, place).fill(0)
      else this.#hash(0, place).set(rowHash(key, row))
    }
    return stale
  }

  #drop(key: string): void {
    const place = this.#slots.of(key)
    if (place === undefined) return
    this.#slots.free(key)
    this.#stale.add(place)
  }

  #grow(index: number): void {
    const leaves = this.#levels[0] as Uint8Array
    let places = leaves.length / hashBytes
    if (index < places) return
    while (places <= index) places *= 2
    const levels: Uint8Array[] = []
    for (let width = places; width >= 1; width /= 2) {
      const level = emptyLevel(levels.length, width)
      const before = this.#levels[levels.length]
      if (before !== undefined) level.set(before)
      levels.push(level)
    }
    // What was the root may stand beside empty places now: its ancestors are hashed anew.
    const old = this.#levels.length - 1
    this.#levels = levels
    for (let level = old + 1; level < levels.length; level++) this.#rehash(level, 0)
  }

  /** Two neighbours lie side by side: with the byte of an inner node in front they are hashed. */
  #rehash(level: number, index: number): void {
    const below = this.#levels[level - 1] as Uint8Array
    const both = index * 2 * hashBytes
    innerNode.set(below.subarray(both, both + 2 * hashBytes), 1)
    const hashes = this.#levels[level] as Uint8Array
    hashes.set(sha256(innerNode), index * hashBytes)
  }

  #hash(level: number, index: number): Uint8Array {
    return (this.#levels[level] as Uint8Array).subarray(index * hashBytes, (index + 1) * hashBytes)
  }
}

/** The hash of a subtree without rows, by its level. */
const emptyHashes: Uint8Array[] = [new Uint8Array(hashBytes)]

function emptyLevel(level: number, width: number): Uint8Array {
  for (let i = emptyHashes.length; i <= level; i++) {
    const below = emptyHashes[i - 1] as Uint8Array
    emptyHashes.push(nodeHash(below, below))
  }
  const hash = emptyHashes[level] as Uint8Array
  const hashes = new Uint8Array(width * hashBytes)
  if (level > 0) for (let i = 0; i < width; i++) hashes.set(hash, i * hashBytes)
  return hashes
}
