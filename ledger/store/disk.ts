import { leafHash, nodeHash } from '@nexapod/specs'
import { Level } from 'level'
import type { Subtree } from '../tree/frontier.ts'
import { codesOf, Damage, said } from './damage.ts'
import { namesIn, syncFolder } from './folder.ts'
import {
  checkOf,
  equal,
  firstOf,
  keptKey,
  keptKinds,
  kinds,
  levelStep,
  nodeKey,
  opened,
  openedNode,
  openedPage,
  pageKey,
  tipKey,
} from './row.ts'
import { readTip, type Tip } from './tip.ts'

/** One change of one row. */
export type Change =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

/** A kept row as it was found. */
export interface Kept {
  readonly key: Uint8Array
  readonly check: Uint8Array
  readonly value: Uint8Array
}

/** Entries that were written at once, or those of them that were asked for. */
export interface Page {
  /** The number of the first of them. */
  readonly first: number
  readonly entries: readonly Uint8Array[]
}

/**
 * LevelDB begins a new log when the last has grown to some 4 MB: before a quarter of that was
 * written, counting a little for each row, nobody needs to look.
 */
const syncEvery = 2 ** 20
const rowOverhead = 64

/** Files that LevelDB has open where all rows are read once: some of them are its own. */
const openFilesPassing = 64

/** How many rows are read at once while streaming, and how many bytes LevelDB gives at once. */
const stride = 256
const strides = { highWaterMarkBytes: 2 ** 20 } as const

/**
 * The rows of one LevelDB. Every read is checked before it is given: what is not as it was written
 * is thrown as `Damage`.
 */
export class Disk implements AsyncDisposable {
  readonly #level: Level<Uint8Array, Uint8Array>
  /** The logs whose names are safe, and about how much was written since they were new. */
  #logs = ''
  #sinceSync: number = syncEvery

  private constructor(level: Level<Uint8Array, Uint8Array>) {
    this.#level = level
  }

  /** Opens the LevelDB of a folder. That rewrites its files: look at a copy first. */
  static async open(location: string, { create = false, passing = false } = {}): Promise<Disk> {
    const level = new Level<Uint8Array, Uint8Array>(location, {
      keyEncoding: 'view',
      valueEncoding: 'view',
      // Hashes and signatures do not shrink, and what unpacks is more code to fall over a bad byte.
      compression: false,
      // Tables are mapped into memory: who passes through all of them once needs few at a time.
      ...(passing ? { maxOpenFiles: openFilesPassing } : {}),
      createIfMissing: create,
      errorIfExists: create,
    })
    await level.open()
    return new Disk(level)
  }

  /** Writes rows, all or none; they are on the disk when this resolves. */
  async write(changes: readonly Change[]): Promise<void> {
    await this.#level.batch([...changes], { sync: true })
    for (const change of changes) {
      this.#sinceSync += rowOverhead + (change.type === 'put' ? change.value.length : 0)
    }
    if (this.#sinceSync >= syncEvery) await this.#syncLogs()
  }

  /** Reads rows as they are, for a caller that knows what must be in them. */
  async raw(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return await reading(this.#level.getMany([...keys]))
  }

  /** Where the store stood when it last wrote. */
  async tip(): Promise<Tip> {
    const row = await reading(this.#level.get(tipKey))
    const tip = row && readTip(row)
    if (tip === undefined) throw new Damage('tip', row ? 'it cannot be read' : 'the row is gone')
    return tip
  }

  /** An entry. */
  async entry(seq: number): Promise<Uint8Array> {
    for await (const { entries } of this.pages(seq, seq + 1)) return entries[0] as Uint8Array
    throw gone(seq)
  }

  /**
   * The entries from one up to another, which is not of them, in the pieces they were written in.
   * `opening` gives those of a row that are to be believed.
   */
  async *pages(
    from: number,
    to: number,
    opening: (key: Uint8Array, row: Uint8Array) => Uint8Array[] = openedPage,
  ): AsyncGenerator<Page> {
    if (from >= to) return
    const before = { gte: pageKey(0), lte: pageKey(from), reverse: true, limit: 1 }
    const [begin] = await reading(this.#level.iterator(before).all())
    if (begin === undefined) throw gone(from)
    const start = firstOf(begin[0])
    const page = opening(...begin)
    let next = start + page.length
    if (next <= from) throw gone(next)
    yield { first: from, entries: page.slice(from - start, to - start) }
    if (next >= to) return
    const rows = this.#level.iterator({ gte: pageKey(next), lt: pageKey(to), ...strides })
    try {
      while (next < to) {
        const some = await reading(rows.nextv(stride))
        if (some.length === 0) throw gone(next)
        for (const [key, row] of some) {
          if (firstOf(key) !== next) throw gone(next)
          const entries = opening(key, row)
          yield { first: next, entries: entries.slice(0, to - next) }
          next += entries.length
        }
      }
    } finally {
      await rows.close()
    }
  }

  /** Hashes of perfect subtrees, in the order asked for. */
  async nodes(subtrees: readonly Subtree[]): Promise<Uint8Array[]> {
    const high = await this.#high(subtrees.filter(({ level }) => level >= levelStep))
    const low = await this.#low(subtrees.filter(({ level }) => level < levelStep))
    return subtrees.map(({ level }) => {
      return (level < levelStep ? low.shift() : high.shift()) as Uint8Array
    })
  }

  /** The hashes of one level of the tree, from one index up to another. */
  async *level(level: number, from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; at += stride) {
      const count = Math.min(stride, to - at)
      yield* await this.nodes(Array.from({ length: count }, (_, i) => ({ level, index: at + i })))
    }
  }

  /** Every kept row, each as it was written. */
  async *kept(kind?: keyof typeof keptKinds): AsyncGenerator<Kept> {
    const range =
      kind === undefined
        ? { gte: Uint8Array.of(kinds.kept), lt: Uint8Array.of(kinds.kept + 1) }
        : { gte: keptKey(kind), lt: Uint8Array.of(kinds.kept, keptKinds[kind] + 1) }
    const rows = this.#level.iterator({ ...range, ...strides })
    try {
      for (;;) {
        const some = await reading(rows.nextv(stride))
        if (some.length === 0) return
        for (const [key, row] of some) yield { key, ...opened(keptName(key), key, row) }
      }
    } finally {
      await rows.close()
    }
  }

  /** Every kept row that is still as it was written, as far as LevelDB reads. */
  async *salvage(): AsyncGenerator<Kept> {
    const range = { gte: Uint8Array.of(kinds.kept), lt: Uint8Array.of(kinds.kept + 1) }
    const rows = this.#level.iterator({ ...range, ...strides })
    try {
      for (;;) {
        const next = await reading(rows.next())
        if (next === undefined) return
        const [key, row] = next
        const check = row.subarray(0, 32)
        const value = row.subarray(32)
        if (row.length >= 32 && equal(check, checkOf(key, value))) yield { key, check, value }
      }
    } finally {
      await rows.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#level.close()
  }

  /** LevelDB syncs a new log, but not the folder with its name. */
  async #syncLogs(): Promise<void> {
    const { location } = this.#level
    const logs = (await namesIn(location)).filter((name) => name.endsWith('.log')).join()
    if (logs === this.#logs) return
    await syncFolder(location)
    this.#logs = logs
    this.#sinceSync = 0
  }

  /** Subtrees from the rows of nodes. */
  async #high(subtrees: readonly Subtree[]): Promise<Uint8Array[]> {
    const keys = subtrees.map(({ level, index }) => {
      const step = level % levelStep
      const width = 2 ** step
      return Array.from({ length: width }, (_, i) => nodeKey(level - step, index * width + i))
    })
    const rows = await this.raw(keys.flat())
    let at = 0
    return keys.map((some) => joinedPairs(some.map((key) => openedNode(key, rows[at++]))))
  }

  /** Subtrees from the entries: those of one path are neighbours, and are read at once. */
  async #low(subtrees: readonly Subtree[]): Promise<Uint8Array[]> {
    const spans = subtrees.map(({ level, index }) => {
      return { from: index * 2 ** level, to: (index + 1) * 2 ** level }
    })
    const blocks = new Map<number, { from: number; to: number; leaves: Uint8Array[] }>()
    for (const { from, to } of spans) {
      const block = blocks.get(blockOf(from)) ?? { from, to, leaves: [] }
      block.from = Math.min(block.from, from)
      block.to = Math.max(block.to, to)
      blocks.set(blockOf(from), block)
    }
    for (const { from, to, leaves } of blocks.values()) {
      for await (const { entries } of this.pages(from, to)) leaves.push(...entries.map(leafHash))
    }
    return spans.map(({ from, to }) => {
      const block = blocks.get(blockOf(from)) ?? { from, leaves: [] }
      return joinedPairs(block.leaves.slice(from - block.from, to - block.from))
    })
  }
}

/** Which subtree of the lowest level that has rows an entry is in. */
function blockOf(seq: number): number {
  return Math.floor(seq / 2 ** levelStep)
}

function gone(seq: number): Damage {
  return new Damage(`entry ${seq}`, 'the row is gone')
}

/** What a kept row is called where it is damaged. */
export function keptName(key: Uint8Array): string {
  const kind = Object.entries(keptKinds).find(([, byte]) => byte === key[1])
  return `${kind?.[0] ?? 'row'} ${Buffer.from(key.subarray(2)).toString('hex')}`
}

/** The hash over neighbouring subtrees of one level, a power of two of them. */
export function joinedPairs(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      above.push(nodeHash(level[i] as Uint8Array, level[i + 1] as Uint8Array))
    }
    level = above
  }
  return level[0] as Uint8Array
}

/** What LevelDB itself finds while it reads is damage too; to read what was closed is a bug. */
async function reading<T>(rows: Promise<T>): Promise<T> {
  try {
    return await rows
  } catch (error) {
    if (codesOf(error).some((code) => /_NOT_OPEN$|_ABORTED$/.test(code))) throw error
    throw new Damage('LevelDB', said(error), { cause: error })
  }
}
