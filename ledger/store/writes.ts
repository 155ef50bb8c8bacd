import {
  type Answer,
  accept,
  type ChainId,
  type Digest,
  decode,
  digestText,
  type Entry,
  entrySchema,
  leafHash,
  limits,
  noEntry,
  type Refusal,
  refuse,
} from '@nexapod/specs'
import { Frontier, joined as joinedHashes } from '../tree/frontier.ts'
import type { Anchor } from './anchor.ts'
import { Damage, said } from './damage.ts'
import type { Change, Disk } from './disk.ts'
import { type Examined, indexed, type KeptIndex } from './examine.ts'
import {
  checkOf,
  entryKey,
  equal,
  hasRow,
  kinds,
  nodeKey,
  openedEntry,
  sealed,
  sealedEntry,
  sealedNode,
  tipKey,
} from './row.ts'
import { summed, type Tip, writtenTip } from './tip.ts'

/** A change of a kept row: a value, or none where the row is to go. */
export interface KeptChange {
  readonly key: Uint8Array
  readonly value?: Uint8Array
}

/** Where the chain stands when all that was given so far is written. */
type Stand = Pick<Tip, 'chain' | 'epoch' | 'time' | 'size' | 'head'>

interface Pending {
  readonly changes: readonly Change[]
  readonly kept: readonly KeptChange[]
  /** How many entries are in it. */
  readonly entries: number
  readonly stand: Stand
  readonly peaks: readonly Uint8Array[]
  readonly done: (answer: Answer<Tip>) => void
}

/** How long one who finds the queue full should wait: as long as some groups take. */
const retryMs = 100

/**
 * The one way to the disk. What is given while a write runs goes with the next one: so a lone
 * entry never waits for company, and a crowd shares its syncs.
 */
export class Writes {
  readonly #disk: Disk
  readonly #anchor: Anchor
  readonly #kept: KeptIndex
  readonly #tree: Frontier
  #tip: Tip
  #planned: Stand
  #queue: Pending[] = []
  #waiting = 0
  #running: Promise<void> | undefined
  #writing: Promise<void> | undefined
  #held: Promise<void> | undefined
  #stopped: Refusal | undefined

  constructor(disk: Disk, anchor: Anchor, { tip, kept, peaks }: Examined) {
    this.#disk = disk
    this.#anchor = anchor
    this.#kept = kept
    this.#tree = new Frontier(tip.size, peaks)
    this.#tip = tip
    this.#planned = tip
  }

  /** Where the store stands: all of it is on the disk, and was read back. */
  get tip(): Tip {
    return this.#tip
  }

  /** The checks of the kept rows that are on the disk. */
  get kept(): ReadonlyMap<string, Uint8Array> {
    return this.#kept
  }

  /** Why nothing is written any more, once that is so. */
  get stopped(): Refusal | undefined {
    return this.#stopped
  }

  /** Writes nothing from now on: something was found that must be repaired first. */
  stop(refusal: Refusal): void {
    this.#stopped ??= refusal
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    await this.#running
  }

  /** Does something while nothing is written, between two writes. */
  async hold<T>(act: () => Promise<T>): Promise<T> {
    const before = this.#held
    let release = () => {}
    this.#held = new Promise((done) => {
      release = done
    })
    try {
      await before
      await this.#writing
      return await act()
    } finally {
      release()
    }
  }

  /** Writes entries that follow, and the rows that come with them, all or nothing. */
  append(entries: readonly Uint8Array[], kept: readonly KeptChange[]): Promise<Answer<Tip>> {
    if (entries.length === 0 || entries.length > limits.groupEntriesMax) {
      throw new RangeError(`1 to ${limits.groupEntriesMax} entries, got ${entries.length}`)
    }
    if (this.#waiting + entries.length > limits.pendingEntriesMax) {
      return Promise.resolve(refuse('wire.full', { retryMs }))
    }
    if (this.#stopped) return Promise.resolve({ ok: false, refusal: this.#stopped })
    const hashes = entries.map(leafHash)
    let stand = this.#planned
    for (const [i, bytes] of entries.entries()) {
      const next = following(stand, bytes, hashes[i] as Uint8Array)
      if (!next.ok) return Promise.resolve(next)
      stand = next.value
    }
    const changes: Change[] = []
    for (const [i, bytes] of entries.entries()) {
      const hash = hashes[i] as Uint8Array
      const key = entryKey(this.#tree.size)
      changes.push({ type: 'put', key, value: sealedEntry(key, bytes, hash) })
      for (const node of this.#tree.append(hash)) {
        if (!hasRow(node.level)) continue
        const at = nodeKey(node.level, node.index)
        changes.push({ type: 'put', key: at, value: sealedNode(at, node.hash) })
      }
    }
    this.#planned = stand
    return this.#enqueue(changes, kept, entries.length)
  }

  /** Writes kept rows, and rows that nobody misses, without an entry. */
  write(kept: readonly KeptChange[], others: readonly Change[] = []): Promise<Answer<Tip>> {
    if (this.#stopped) return Promise.resolve({ ok: false, refusal: this.#stopped })
    return this.#enqueue(others, kept, 0)
  }

  #enqueue(
    changes: Pending['changes'],
    kept: Pending['kept'],
    entries: number,
  ): Promise<Answer<Tip>> {
    return new Promise((done) => {
      const { peaks } = this.#tree
      this.#queue.push({ changes, kept, entries, stand: this.#planned, peaks, done })
      this.#waiting += entries
      this.#running ??= this.#run()
    })
  }

  async #run(): Promise<void> {
    // What is given in the same turn of the event loop goes together.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      for (let held = this.#held; held !== undefined; ) {
        await held
        held = held === this.#held ? undefined : this.#held
      }
      const group = this.#nextGroup()
      if (this.#stopped === undefined) {
        this.#writing = this.#attempt(group)
        await this.#writing
      }
      const refusal = this.#stopped
      const answer: Answer<Tip> = refusal ? { ok: false, refusal } : accept(this.#tip)
      for (const { done } of group) done(answer)
    }
    this.#running = undefined
  }

  #nextGroup(): Pending[] {
    let entries = 0
    let count = 0
    for (const pending of this.#queue) {
      if (count > 0 && entries + pending.entries > limits.groupEntriesMax) break
      if (count >= limits.groupEntriesMax) break
      entries += pending.entries
      count++
    }
    this.#waiting -= entries
    return this.#queue.splice(0, count)
  }

  /** A write that failed may be on the disk or not; nobody can tell, so nothing follows it. */
  async #attempt(group: readonly Pending[]): Promise<void> {
    try {
      await this.#commit(group)
    } catch (error) {
      if (error instanceof Damage) this.stop(error.refused().refusal)
      else this.stop(refuse('ledger.stopped', { detail: said(error) }).refusal)
    }
  }

  async #commit(group: readonly Pending[]): Promise<void> {
    const last = group.at(-1) as Pending
    const kept = this.#sealedKept(group.flatMap((pending) => pending.kept))
    const root = last.peaks.length === 0 ? noEntry : digestText(joinedHashes(last.peaks))
    const tip: Tip = { ...last.stand, turn: this.#tip.turn + 1, root, kept: kept.sum }
    const changes = [
      ...withoutDoubles(group.flatMap((pending) => pending.changes)),
      ...kept.changes,
      { type: 'put' as const, key: tipKey, value: writtenTip(tip) },
    ]
    await this.#disk.write(changes)
    await this.#readBack(changes)
    await this.#anchor.keep(tip)
    for (const [key, check] of kept.checks) {
      if (check === undefined) this.#kept.delete(key)
      else this.#kept.set(key, check)
    }
    this.#tip = tip
  }

  /** The last change of each row, sealed, and the sum over all rows after it. */
  #sealedKept(all: readonly KeptChange[]) {
    const changes: Change[] = []
    const checks = new Map<string, Uint8Array | undefined>()
    let sum = this.#tip.kept
    const lasts = new Map(all.map((change) => [indexed(change.key), change]))
    for (const [name, { key, value }] of lasts) {
      const before = this.#kept.get(name)
      if (before !== undefined) sum = summed(sum, before)
      if (value === undefined) {
        changes.push({ type: 'del', key })
        checks.set(name, undefined)
        continue
      }
      const check = checkOf(key, value)
      sum = summed(sum, check)
      changes.push({ type: 'put', key, value: sealed(check, value) })
      checks.set(name, check)
    }
    return { changes, checks, sum }
  }

  /** One log has died of a bit that flipped between its hash and its disk: so look again. */
  async #readBack(changes: readonly Change[]): Promise<void> {
    const rows = await this.#disk.raw(changes.map(({ key }) => key))
    for (const [i, change] of changes.entries()) {
      const row = rows[i]
      if (change.type === 'del') {
        if (row !== undefined) throw new Damage('read back', 'a row that was deleted')
      } else if (row === undefined || !equal(row, change.value)) {
        throw new Damage('read back', 'another row than was written')
      } else if (change.key[0] === kinds.entry) {
        openedEntry(change.key, row)
      }
    }
  }
}

/** The last change of each row. Those of entries and nodes are single: a chain only grows. */
function withoutDoubles(changes: readonly Change[]): readonly Change[] {
  const isSnapshot = ({ key }: Change) => key[0] === kinds.snapshot
  if (!changes.some(isSnapshot)) return changes
  const lasts = new Map(changes.filter(isSnapshot).map((one) => [indexed(one.key), one]))
  return [...changes.filter((one) => !isSnapshot(one)), ...lasts.values()]
}

/** The links of an entry. What its facts mean is for the chain and the fold to judge. */
function following(stand: Stand, bytes: Uint8Array, hash: Uint8Array): Answer<Stand> {
  const read = decode(entrySchema, bytes)
  if (!read.ok) return read
  const { chain, epoch, seq, prev, time }: Entry = read.value
  const isFirst = stand.size === 0
  const known = stand.chain === (noEntry as Digest as ChainId) ? chain : stand.chain
  const links = chain === known && seq === stand.size && prev === stand.head && time >= stand.time
  const follows = epoch === stand.epoch || (!isFirst && epoch === stand.epoch + 1)
  if (!links || !follows) {
    return refuse('chain.link', { detail: `entry ${seq}, where ${stand.size} follows` })
  }
  return accept({ chain, epoch, time, size: seq + 1, head: digestText(hash) })
}
