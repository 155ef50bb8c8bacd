import {
  type Answer,
  accept,
  digestText,
  limits,
  noEntry,
  type Refusal,
  refuse,
} from '@nexapod/specs'
import type { Taken } from '../chain/chain.ts'
import { joined as joinedHashes } from '../tree/frontier.ts'
import { Damage, said } from './damage.ts'
import type { Change } from './disk.ts'
import { type Examined, indexed, type KeptIndex } from './examine.ts'
import { groupOf, readBack } from './group.ts'
import { checkOf, sealed, tipKey } from './row.ts'
import { summed, type Tip, writtenTip } from './tip.ts'

/** A change of a kept row: a value, or none where the row is to go. */
export interface KeptChange {
  readonly key: Uint8Array
  readonly value?: Uint8Array
}

/** Where the chain stands when all that was given so far is written. */
interface Stand extends Pick<Tip, 'chain' | 'epoch' | 'time' | 'size' | 'head'> {
  readonly peaks: readonly Uint8Array[]
}

interface Pending {
  readonly taken: readonly Taken[]
  readonly kept: readonly KeptChange[]
  readonly stand: Stand
  readonly done: (answer: Answer<Tip>) => void
}

/** What was written and is not acknowledged yet. */
interface Put {
  readonly tip: Tip
  /** Reads the rows back. */
  readonly verify: () => Promise<void>
}

/** What writes need of a disk: rows that are there when it says so, and are read as they are. */
export interface Rows {
  write(changes: readonly Change[]): Promise<void>
  raw(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
}

/** What writes need beside it: a memory of the last tip. */
export interface Memory {
  keep(tip: Tip): Promise<void>
}

/** How long one who finds the queue full should wait: as long as some groups take. */
const retryMs = 100

/**
 * The one way to the disk. What is given while a write runs goes with the next one: so a lone
 * entry never waits for company, and a crowd shares its syncs. While the anchor of one group is
 * synced, the rows of the next are written.
 */
export class Writes {
  readonly #disk: Rows
  readonly #anchor: Memory
  readonly #kept: KeptIndex
  /** What is acknowledged, what is in the rows, and what will be when the queue is empty. */
  #tip: Tip
  #written: Tip
  #planned: Stand
  #queue: Pending[] = []
  #waiting = 0
  #running: Promise<void> | undefined
  #acknowledged: Promise<void> = Promise.resolve()
  #held: Promise<void> | undefined
  #stopped: Refusal | undefined

  constructor(disk: Rows, anchor: Memory, { tip, kept, peaks }: Examined) {
    this.#disk = disk
    this.#anchor = anchor
    this.#kept = kept
    this.#tip = tip
    this.#written = tip
    this.#planned = { ...tip, peaks }
  }

  /** Where the store stands: all of it is on the disk, and was read back. */
  get tip(): Tip {
    return this.#tip
  }

  /** How many entries it takes now, before it is full. */
  get room(): number {
    return limits.pendingEntriesMax - this.#waiting
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
      await this.#acknowledged
      return await act()
    } finally {
      release()
    }
  }

  /** Writes entries that follow, and the rows that come with them, all or nothing. */
  append(taken: readonly Taken[], kept: readonly KeptChange[]): Promise<Answer<Tip>> {
    if (taken.length === 0 || taken.length > limits.pendingEntriesMax) {
      throw new RangeError(`1 to ${limits.pendingEntriesMax} entries, got ${taken.length}`)
    }
    if (taken.length > this.room) return Promise.resolve(refuse('wire.full', { retryMs }))
    if (this.#stopped) return Promise.resolve({ ok: false, refusal: this.#stopped })
    const stand = followed(this.#planned, taken)
    if (!stand.ok) return Promise.resolve(stand)
    this.#planned = stand.value
    return this.#enqueue(taken, kept)
  }

  /** Writes kept rows without an entry. */
  write(kept: readonly KeptChange[]): Promise<Answer<Tip>> {
    if (this.#stopped) return Promise.resolve({ ok: false, refusal: this.#stopped })
    return this.#enqueue([], kept)
  }

  #enqueue(taken: Pending['taken'], kept: Pending['kept']): Promise<Answer<Tip>> {
    return new Promise((done) => {
      this.#queue.push({ taken, kept, stand: this.#planned, done })
      this.#waiting += taken.length
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
      const before = this.#acknowledged
      const put = this.#attempt(() => this.#put(group))
      this.#acknowledged = this.#acknowledge(group, put, before)
      await put
      // The rows are at most one group ahead of one whose anchor is on its way.
      await before
      if (this.#queue.length === 0) await this.#acknowledged
    }
    this.#running = undefined
  }

  #nextGroup(): Pending[] {
    let entries = 0
    let count = 0
    for (const { taken } of this.#queue) {
      if (count > 0 && entries + taken.length > limits.groupEntriesMax) break
      if (count >= limits.groupEntriesMax) break
      entries += taken.length
      count++
    }
    this.#waiting -= entries
    return this.#queue.splice(0, count)
  }

  /** A write that failed may be on the disk or not; nobody can tell, so nothing follows it. */
  async #attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (this.#stopped) return undefined
    try {
      return await act()
    } catch (error) {
      if (error instanceof Damage) this.stop(error.refused().refusal)
      else this.stop(refuse('ledger.stopped', { detail: said(error) }).refusal)
      return undefined
    }
  }

  /** Writes the rows of a group. */
  async #put(group: readonly Pending[]): Promise<Put> {
    const { stand } = group.at(-1) as Pending
    const { peaks, ...at } = stand
    const kept = this.#sealedKept(group.flatMap((pending) => pending.kept))
    const root = peaks.length === 0 ? noEntry : digestText(joinedHashes(peaks))
    const tip: Tip = { ...at, turn: this.#written.turn + 1, root, kept: kept.sum }
    const entries = groupOf(group.flatMap((pending) => pending.taken))
    const changes: Change[] = [
      ...entries.changes,
      ...kept.changes,
      { type: 'put', key: tipKey, value: writtenTip(tip) },
    ]
    await this.#disk.write(changes)
    for (const [key, check] of kept.checks) {
      if (check === undefined) this.#kept.delete(key)
      else this.#kept.set(key, check)
    }
    this.#written = tip
    const verify = async () => {
      const rows = await this.#disk.raw(changes.map(({ key }) => key))
      readBack(changes, rows)
      entries.rehash(rows)
    }
    return { tip, verify }
  }

  /** Reads back and anchors what was put, then tells those who wait for it, in their order. */
  async #acknowledge(
    group: readonly Pending[],
    written: Promise<Put | undefined>,
    before: Promise<void>,
  ): Promise<void> {
    const put = await written
    await before
    await this.#attempt(async () => {
      if (put === undefined) return
      await Promise.all([this.#anchor.keep(put.tip), put.verify()])
      this.#tip = put.tip
    })
    const refusal = this.#stopped
    const answer: Answer<Tip> = refusal ? { ok: false, refusal } : accept(this.#tip)
    for (const { done } of group) done(answer)
  }

  /** The last change of each row, sealed, and the sum over all rows after it. */
  #sealedKept(all: readonly KeptChange[]) {
    const changes: Change[] = []
    const checks = new Map<string, Uint8Array | undefined>()
    let sum = this.#written.kept
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
}

/** Where the chain stands after entries. What is in them was judged by the chain that took them. */
function followed(before: Stand, taken: readonly Taken[]): Answer<Stand> {
  let { chain, epoch, size, head, time } = before
  const peaks = [...before.peaks]
  for (const { entry, completed } of taken) {
    const [leaf] = completed
    if (size === 0) ({ chain } = entry)
    if (entry.chain !== chain || entry.seq !== size || entry.prev !== head || !leaf) {
      return refuse('chain.link', { detail: `entry ${entry.seq}, where ${size} follows` })
    }
    peaks.length -= completed.length - 1
    peaks.push((completed.at(-1) ?? leaf).hash)
    size = entry.seq + 1
    head = digestText(leaf.hash)
    ;({ epoch, time } = entry)
  }
  return accept({ chain, epoch, size, head, time, peaks })
}
