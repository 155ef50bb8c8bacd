import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, accept, type ChainId, entryHash, noEntry, refuse } from '@nexapod/specs'
import type { EntryView, View } from '../../home/view.ts'
import { machineTime } from '../../time.ts'
import { NodeReader } from './by-node.ts'
import { Costly } from './costly.ts'
import { Database, removeDatabase } from './database.ts'
import { Learning } from './learning.ts'
import { Places } from './places.ts'
import { Ranges } from './ranges.ts'
import { Reader } from './reader.ts'
import { Recent } from './recent.ts'
import { SaidOf } from './said.ts'
import { Sums } from './sums.ts'
import { tables, version } from './tables.ts'

interface About {
  readonly chain: string
  readonly size: number
  readonly head: string
}

/** What is followed. */
type Followed = Pick<View, 'entries' | 'status' | 'said' | 'sayers'>

/** How soon to come back to a register that is far behind. */
const retryMs = 2000

/**
 * The chain of a coordinator, arranged so that a page of anything can be found. It is made of the
 * entries alone and follows them: what is lost of it is made again.
 */
export class Register implements AsyncDisposable {
  readonly reads: Reader
  /** What nodes did. */
  readonly nodes: NodeReader
  /** What owners say of themselves. */
  readonly said: SaidOf
  /** Answers for which many owners are looked at. */
  readonly costly = new Costly()
  readonly #database: Database
  readonly #learning: Learning
  readonly #gone = new AbortController()
  readonly #view: Followed
  readonly #following: Promise<void>
  #size: number
  #tell: (entries: readonly EntryView[]) => void = () => {}
  #wanted = new Set<{ readonly size: number; readonly come: () => void }>()

  private constructor(database: Database, view: Followed, size: number) {
    const sums = new Sums(database)
    const ranges = new Ranges(database, sums)
    this.#database = database
    this.#view = view
    this.#size = size
    const recent = new Recent(database, sums)
    this.#learning = new Learning({ database, sums, ranges, recent })
    const places = new Places(database)
    this.reads = new Reader({ database, ranges, recent, places, wall: machineTime.wall })
    this.nodes = new NodeReader(database)
    this.said = new SaidOf(database, view, this.costly)
    this.#following = this.#follow()
  }

  /** Opens the register in a directory, and makes it anew where it is not of this chain. */
  static async open(
    directory: string,
    chain: ChainId,
    view: Followed & Pick<View, 'entry'>,
  ): Promise<Register> {
    await mkdir(directory, { recursive: true })
    const path = join(directory, 'register.sqlite')
    let database = new Database(path)
    const about = database.version === version ? aboutOf(database) : undefined
    if (about !== undefined && (await isOf(about, chain, view))) {
      return new Register(database, view, about.size)
    }
    database[Symbol.dispose]()
    removeDatabase(path)
    database = new Database(path)
    database.make(tables, version)
    database.run('insert into about values (?, 0, ?, 0, 0)', chain, noEntry)
    return new Register(database, view, 0)
  }

  /** Tells somebody of entries as they are taken. */
  onTaken(tell: (entries: readonly EntryView[]) => void): void {
    this.#tell = tell
  }

  /** How many entries it has taken. */
  get size(): number {
    return this.#size
  }

  /** Resolves when all is in it that was on the disk when this was asked. */
  async caughtUp(signal: AbortSignal): Promise<Answer<Reader>> {
    const status = await this.#view.status()
    if (!status.ok) return status
    const { size } = status.value
    await this.said.caughtUp()
    if (this.#size < size) await this.#reach(size, signal)
    if (this.#size >= size) return accept(this.reads)
    return refuse('wire.full', { detail: `${this.#size} of ${size} entries are read`, retryMs })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    await this.#following
    await this.said[Symbol.asyncDispose]()
    this.#database[Symbol.dispose]()
  }

  async #reach(size: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wanted = { size, come: resolve }
    const either = AbortSignal.any([signal, this.#gone.signal])
    if (either.aborted) return
    this.#wanted.add(wanted)
    const end = () => resolve()
    either.addEventListener('abort', end, { once: true })
    await promise
    either.removeEventListener('abort', end)
    this.#wanted.delete(wanted)
  }

  /** Takes entries as they come. A refusal is of the disk, and ends the coordinator as well. */
  async #follow(): Promise<void> {
    for await (const answer of this.#view.entries(this.#size, this.#gone.signal)) {
      if (!answer.ok) return
      this.#take(answer.value)
    }
  }

  #take(entries: readonly EntryView[]): void {
    const last = entries.at(-1)
    if (last === undefined) return
    this.#database.atomically(() => {
      this.#learning.learn(entries.map(({ entry }) => entry))
      const head = entryHash(last.bytes)
      this.#database.run('update about set size = ?, head = ?', last.seq + 1, head)
    })
    this.#size = last.seq + 1
    this.#tell(entries)
    for (const { size, come } of this.#wanted) if (size <= this.#size) come()
  }
}

function aboutOf(database: Database): About | undefined {
  return database.one<About & object>('select chain, size, head from about')
}

/** Whether what was read is the beginning of this chain. */
async function isOf(
  about: About,
  chain: ChainId,
  view: Pick<View, 'status' | 'entry'>,
): Promise<boolean> {
  if (about.chain !== chain) return false
  if (about.size === 0) return true
  const last = await view.entry(about.size - 1)
  return last.ok && entryHash(last.value.bytes) === about.head
}
