import { type Answer, accept, digestBytes, limits, type Refusal, refuse } from '@nexapod/specs'
import type { Taken } from '../chain/chain.ts'
import { joined as joinedHashes } from '../tree/frontier.ts'
import { consistencyPlan, inclusionPlan, type Plan } from '../tree/proof.ts'
import type { Anchor } from './anchor.ts'
import { Damage, said } from './damage.ts'
import { type Disk, keptName } from './disk.ts'
import { type Examined, indexed } from './examine.ts'
import { isOfMachine } from './folder.ts'
import { Gate } from './gate.ts'
import { checkOf, equal, keptKey, opened } from './row.ts'
import type { SnapshotName, Snapshots } from './snapshots.ts'
import type { Tip } from './tip.ts'
import { type KeptChange, Writes } from './writes.ts'

/** A row of the coordinator's own that is written with entries: an answer, a message to be sent. */
export interface Given {
  readonly key: Uint8Array
  /** Left out, the row is taken away. */
  readonly value?: Uint8Array
}

/** What a store is made of. */
export interface Parts {
  readonly disk: Disk
  readonly anchor: Anchor
  readonly examined: Examined
  readonly snapshots: Snapshots
  /** Keeps it on disk that damage was found. */
  readonly quarantine: (refusal: Refusal) => Promise<void>
  readonly close: () => Promise<void>
}

/** A chain on a disk that is not believed: whatever is read was checked against its hash. */
export class Store implements AsyncDisposable {
  /** What is signed, and what witnesses have seen. */
  readonly gate: Gate
  readonly #parts: Parts
  readonly #writes: Writes
  /** What is read at this moment. */
  readonly #reads = new Set<Promise<unknown>>()
  #marked = false
  #isClosing = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#writes = new Writes(parts.disk, parts.anchor, parts.examined)
    this.gate = new Gate({
      writes: this.#writes,
      row: (key) => this.#row(key),
      headAt: (size) => this.#headAt(size),
      guarded: (act) => this.#guarded(act),
    })
  }

  /** Where the store stands: all of it is on the disk, and was read back. */
  get tip(): Tip {
    return this.#writes.tip
  }

  /** Why nothing is written any more, once that is so. */
  get stopped(): Refusal | undefined {
    return this.#writes.stopped
  }

  /** How many entries can be given now: who writes looks here first. */
  get room(): number {
    return this.#writes.room
  }

  /**
   * Appends entries that follow, with the rows that belong to them, all or nothing. When this
   * resolves with a tip, they are on the disk, were read back and hashed again.
   */
  async append(taken: readonly Taken[], given: readonly Given[] = []): Promise<Answer<Tip>> {
    const kept = given.map(keptOf)
    const grown = this.#writes.kept.size + kept.length > limits.rowsMax
    if (grown && kept.some(({ value }) => value !== undefined)) {
      return refuse('wire.full', { detail: `at most ${limits.rowsMax} rows` })
    }
    return await this.#noted(await this.#writes.append(taken, kept))
  }

  /** Writes rows of the coordinator without an entry, on the disk when this resolves. */
  async give(given: readonly Given[]): Promise<Answer<Tip>> {
    return await this.#noted(await this.#writes.write(given.map(keptOf)))
  }

  /** A row that was given: its value, or undefined in an answer where there is none. */
  async given(key: Uint8Array): Promise<Answer<Uint8Array | undefined>> {
    return await this.#checked(() => this.#row(keptKey('given', key)))
  }

  /** The keys of the rows that were given and begin with these bytes, in their order. */
  givenKeys(prefix: Uint8Array = new Uint8Array(0)): Uint8Array[] {
    const start = indexed(keptKey('given', prefix))
    const keys = [...this.#writes.kept.keys()].filter((key) => key.startsWith(start))
    return keys.sort().map((key) => new Uint8Array(Buffer.from(key.slice(2), 'latin1')))
  }

  /** An entry, as it was written. */
  async entry(seq: number): Promise<Answer<Uint8Array>> {
    if (seq < 0 || seq >= this.tip.size) return refuse('ledger.unknown', { detail: `entry ${seq}` })
    return await this.#checked(() => this.#parts.disk.entry(seq))
  }

  /**
   * The entries from one up to another, which is not of them, some at a time as they were written;
   * a refusal is the last answer.
   */
  async *pages(
    from = 0,
    to = this.tip.size,
    signal?: AbortSignal,
  ): AsyncGenerator<Answer<readonly Uint8Array[]>> {
    const { size } = this.tip
    const rows = this.#parts.disk.pages(Math.max(0, from), Math.min(to, size))
    try {
      for (;;) {
        signal?.throwIfAborted()
        const next = await this.#checked(() => rows.next())
        if (!next.ok) yield next
        if (!next.ok || next.value.done) return
        yield accept(next.value.value.entries)
      }
    } finally {
      await rows.return(undefined)
    }
  }

  /** The path from an entry to the root of the chain at a size. */
  async inclusion(seq: number, size = this.tip.size): Promise<Answer<Uint8Array[]>> {
    if (seq < 0 || seq >= size || size > this.tip.size) {
      return refuse('ledger.unknown', { detail: `entry ${seq} of ${size}` })
    }
    return await this.#proof(inclusionPlan(seq, size))
  }

  /** The proof that the chain at a size extends the chain at a smaller one. */
  async consistency(from: number, size = this.tip.size): Promise<Answer<Uint8Array[]>> {
    if (from < 1 || from > size || size > this.tip.size) {
      return refuse('ledger.unknown', { detail: `a chain of ${from} in one of ${size}` })
    }
    return await this.#proof(consistencyPlan(from, size))
  }

  /** Keeps what a fold wants to find again. What fails here is a cache that is not there. */
  async keepSnapshot(name: SnapshotName, parts: Iterable<Uint8Array>): Promise<Answer<undefined>> {
    try {
      await this.#parts.snapshots.keep(name, parts)
      return accept(undefined)
    } catch (error) {
      if (isOfMachine(error)) return refuse('ledger.stopped', { detail: said(error) })
      throw error
    }
  }

  /** The snapshots of this chain, the last one first. */
  async snapshots(): Promise<Answer<SnapshotName[]>> {
    return await this.#checked(async () => {
      const own: SnapshotName[] = []
      for (const name of await this.#parts.snapshots.list()) {
        if (name.size < 1 || name.size > this.tip.size) continue
        if (equal(digestBytes(name.head), await this.#headAt(name.size))) own.push(name)
      }
      return own
    })
  }

  /** The parts of a snapshot: undefined in the place of the first one that is not as written. */
  snapshot(name: SnapshotName): AsyncGenerator<Uint8Array | undefined> {
    return this.#parts.snapshots.parts(name)
  }

  /** The tip and all kept rows of one moment: for who copies a store. */
  held(): Promise<Answer<{ readonly tip: Tip; readonly rows: readonly KeptChange[] }>> {
    return this.#checked(() =>
      this.#writes.hold(async () => {
        const rows: KeptChange[] = []
        for await (const row of this.#parts.disk.kept()) rows.push(row)
        return { tip: this.tip, rows }
      }),
    )
  }

  /** Writes what waits, ends what is read, and closes. What is asked from now on is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    await this.#writes.idle()
    while (this.#reads.size > 0) await Promise.all(this.#reads)
    await this.#parts.close()
  }

  async #headAt(size: number): Promise<Uint8Array> {
    return (await this.#parts.disk.nodes([{ level: 0, index: size - 1 }]))[0] as Uint8Array
  }

  async #proof(plan: Plan): Promise<Answer<Uint8Array[]>> {
    return await this.#checked(async () => {
      const hashes = await this.#parts.disk.nodes(plan.flat())
      let at = 0
      return plan.map((part) => {
        const from = at
        at += part.length
        return joinedHashes(hashes.slice(from, at))
      })
    })
  }

  /** A kept row, by the check that is known of it: one that vanished or came back is found. */
  async #row(key: Uint8Array): Promise<Uint8Array | undefined> {
    const name = indexed(key)
    const before = this.#writes.kept.get(name)
    const [row] = await this.#parts.disk.raw([key])
    if (this.#writes.kept.get(name) === before && matches(key, row, before)) {
      return before && opened(keptName(key), key, row).value
    }
    // A write may have been between the row and its check: look again when none is.
    await this.#writes.idle()
    const check = this.#writes.kept.get(name)
    const [again] = await this.#parts.disk.raw([key])
    if (check === undefined && again === undefined) return undefined
    if (!matches(key, again, check)) {
      throw new Damage(keptName(key), again ? 'it is another' : 'the row is gone')
    }
    return opened(keptName(key), key, again).value
  }

  #checked<T>(read: () => Promise<T>): Promise<Answer<T>> {
    return this.#guarded(async () => accept(await read()))
  }

  /** What came of it, or the damage that was found: from then on nothing is served. */
  async #guarded<T>(act: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const { stopped } = this
    if (this.#marked && stopped) return { ok: false, refusal: stopped }
    if (this.#isClosing) return refuse('wire.closing')
    const over = Promise.withResolvers<void>()
    this.#reads.add(over.promise)
    try {
      return await this.#noted(await act())
    } catch (error) {
      if (!(error instanceof Damage)) throw error
      return await this.#noted(error.refused())
    } finally {
      this.#reads.delete(over.promise)
      over.resolve()
    }
  }

  async #noted<T>(answer: Answer<T>): Promise<Answer<T>> {
    if (answer.ok || answer.refusal.code !== 'ledger.damaged' || this.#marked) return answer
    this.#marked = true
    this.#writes.stop(answer.refusal)
    await this.#parts.quarantine(answer.refusal)
    return answer
  }
}

function keptOf({ key, value }: Given) {
  if (key.length > limits.rowKeyBytesMax || (value?.length ?? 0) > limits.rowBytesMax) {
    throw new RangeError(`a row of ${key.length} and ${value?.length} bytes is too long`)
  }
  return { key: keptKey('given', key), ...(value === undefined ? {} : { value }) }
}

function matches(key: Uint8Array, row: Uint8Array | undefined, check: Uint8Array | undefined) {
  if (row === undefined || check === undefined) return row === check
  return equal(row.subarray(0, 32), check) && equal(checkOf(key, row.subarray(32)), check)
}
