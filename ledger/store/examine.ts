import { digestBytes, leafHash } from '@nexapod/specs'
import { Frontier, type HashedSubtree, type Subtree } from '../tree/frontier.ts'
import type { Anchored } from './anchor.ts'
import { Damage } from './damage.ts'
import { type Disk, joinedPairs } from './disk.ts'
import { equal, hasRow, levelStep } from './row.ts'
import { summed, type Tip, writtenTip } from './tip.ts'

/** The checks of the kept rows by their keys: who knows them misses a row that vanished. */
export type KeptIndex = Map<string, Uint8Array>

/** What an examination found sound: where the store stands, and what it goes on with. */
export interface Examined {
  readonly tip: Tip
  readonly kept: KeptIndex
  readonly peaks: readonly Uint8Array[]
}

/** From this level up the tree is small enough to be read whole at every opening. */
const upperLevel = 8
const stretch = 2 ** upperLevel

/** Bytes that an entry takes in LevelDB's log at the least. */
const loggedBytesMin = 128

/** How many entries at the end can have been in a log of so many bytes. */
export function tailOf(logBytes: number): number {
  return Math.ceil(logBytes / loggedBytesMin)
}

/**
 * Finds what an opening must know: that the last acknowledged write is here, all kept rows, the
 * upper tree, and every entry of the tail, which LevelDB has just read from a log that it does not
 * check. Below the tail each entry is checked when it is read, and all of them by an audit.
 */
export async function examine(disk: Disk, anchor: Anchored, tail: number): Promise<Examined> {
  const tip = await disk.tip()
  compareWithAnchor(tip, anchor)
  const kept: KeptIndex = new Map()
  let sum: Uint8Array = new Uint8Array(32)
  for await (const { key, check } of disk.kept()) {
    kept.set(indexed(key), check)
    sum = summed(sum, check)
  }
  if (!equal(sum, tip.kept)) throw new Damage('kept rows', 'one is gone, or came back')
  await examineUpperTree(disk, tip.size)
  const start = Math.max(0, tip.size - Math.max(1, tail))
  const from = start - (start % stretch)
  const tree = await examineTail(disk, tip, from)
  return { tip, kept, peaks: tree.peaks }
}

/** A key as a Map takes it. */
export function indexed(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
}

/** The perfect subtrees that a tree of this size is made of, the largest first. */
function peaksOf(size: number): Subtree[] {
  const found: Subtree[] = []
  for (let level = 0, width = 1; width <= size; level++, width *= 2) {
    const count = Math.floor(size / width)
    if (count % 2 === 1) found.unshift({ level, index: count - 1 })
  }
  return found
}

function compareWithAnchor(tip: Tip, { tip: last }: Anchored): void {
  // Ahead is a crash before the anchor was synced: on the disk, and never acknowledged. While one
  // anchor is on its way the rows of the next group are written, so that it may be two.
  const ahead = tip.turn - last.turn
  if ((ahead === 1 || ahead === 2) && tip.size >= last.size) return
  if (tip.turn < last.turn) {
    const detail = `the last ${last.turn - tip.turn} acknowledged writes are gone`
    throw new Damage('tip', detail)
  }
  if (tip.turn > last.turn) throw new Damage('anchor', 'it is of an older store')
  if (!equal(writtenTip(tip), writtenTip(last))) throw new Damage('anchor', 'of another store')
}

async function examineUpperTree(disk: Disk, size: number): Promise<void> {
  const width = 2 ** levelStep
  let below: Uint8Array[] = []
  for (let level = upperLevel; 2 ** level <= size; level += levelStep) {
    const hashes: Uint8Array[] = []
    for await (const hash of disk.level(level, 0, Math.floor(size / 2 ** level))) {
      const children = below.slice(hashes.length * width, (hashes.length + 1) * width)
      if (level > upperLevel && !equal(hash, joinedPairs(children))) {
        throw new Damage(`node ${level}/${hashes.length}`, 'it is not over those below')
      }
      hashes.push(hash)
    }
    below = hashes
  }
}

async function examineTail(disk: Disk, tip: Tip, from: number): Promise<Frontier> {
  const tree = new Frontier(from, await disk.nodes(peaksOf(from)))
  const nodes = new NodeCheck(disk)
  let head: Uint8Array = new Uint8Array(32)
  for await (const { entries } of disk.pages(from, tip.size)) {
    for (const bytes of entries) {
      head = leafHash(bytes)
      for (const node of tree.append(head)) nodes.expect(node)
    }
    await nodes.flush()
  }
  if (!equal(head, digestBytes(tip.head))) throw new Damage('tip', 'the last entry is another')
  if (tip.size > 0 && !equal(tree.root(), digestBytes(tip.root))) {
    throw new Damage('tip', 'the tree has another root')
  }
  return tree
}

/** Compares nodes of the tree with those on the disk, many at once. */
export class NodeCheck {
  readonly #disk: Disk
  #waiting: HashedSubtree[] = []

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** What the row of a node must say, if it has one. */
  expect(subtree: HashedSubtree): void {
    if (hasRow(subtree.level)) this.#waiting.push(subtree)
  }

  /** Compares what was expected since the last time. */
  async flush(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    const hashes = await this.#disk.nodes(waiting)
    for (const [i, { level, index, hash }] of waiting.entries()) {
      if (equal(hashes[i] as Uint8Array, hash)) continue
      throw new Damage(`node ${level}/${index}`, 'it is not over those below')
    }
  }
}
