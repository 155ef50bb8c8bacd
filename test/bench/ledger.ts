import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stateRoot } from '../../ledger/fold/learn.ts'
import { Ledger } from '../../ledger/ledger.ts'
import { audit, keepSnapshot, openStore, recover, type Store } from '../../ledger/store/index.ts'
import { Writer } from '../../ledger/test/chains.ts'
import { type Answer, type Fact, reopen } from '../../specs/index.ts'
import type { Figure } from './harness.ts'
import { bareDisk, bareLevel, bareSqlite, type Sink } from './sinks.ts'
import { Work } from './work.ts'

/** Entries that are written in each measure: enough that tables are made meanwhile. */
const many = 40_000
const rounds = 5
/** Entries between two roots of the state: some two checkpoints a second. */
const rootEvery = 16_384

/**
 * Durable entries a second at several sizes of batch, beside bare LevelDB, SQLite and the disk's
 * own syncs, in turns of the same run; then a ledger that grows to so many entries, its audit, and
 * how long it takes to open it again.
 */
export async function figures(entries: number): Promise<Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
  try {
    const all: Figure[] = []
    const workloads = { 'a short entry': shortSteps(many), 'an entry of work': [...first(many)] }
    for (const [name, steps] of Object.entries(workloads)) {
      for (const batch of [1, 16, 256]) {
        all.push(...(await atBatch(join(root, `${name} ${batch}`), name, steps, batch)))
      }
    }
    all.push(...(await ofGrowth(join(root, 'grown'), entries)))
    return all
  } finally {
    await rm(root, { recursive: true })
  }
}

/** The facts of the first so many entries. */
function* first(count: number): Generator<readonly Fact[]> {
  let at = 0
  for (const facts of new Work().steps()) {
    if (at++ === count) return
    yield facts
  }
}

/** The facts of entries that say as little as an entry can: some 200 bytes each. */
function shortSteps(count: number): (readonly Fact[])[] {
  const { genesis } = new Writer()
  return Array.from({ length: count }, (_, i) => {
    const fences: Fact = { type: 'fences', below: i + 1 }
    return i === 0 ? [genesis, fences] : [fences]
  })
}

/** A ledger with its store: written, folded, hashed, synced and read back. */
class Written implements AsyncDisposable {
  readonly ledger = new Ledger(reopen)
  readonly store: Store
  #sinceRoot = 0

  private constructor(store: Store) {
    this.store = store
  }

  static async open(directory: string): Promise<Written> {
    return new Written(valued(await openStore({ directory })))
  }

  async write(steps: readonly (readonly Fact[])[], from: number): Promise<void> {
    const taken = steps.map((facts, i) => valued(this.ledger.write(facts, 2000 + from + i)))
    this.#sinceRoot += steps.length
    if (this.#sinceRoot >= rootEvery) {
      this.#sinceRoot = 0
      stateRoot(this.ledger.state)
    }
    valued(await this.store.append(taken))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]()
  }
}

async function atBatch(
  root: string,
  name: string,
  steps: readonly (readonly Fact[])[],
  batch: number,
): Promise<Figure[]> {
  await mkdir(root)
  const entries = bytesOf(steps)
  await using written = await Written.open(join(root, 'store'))
  await using level = await bareLevel(join(root, 'level'))
  using sqlite = bareSqlite(join(root, 'sqlite'))
  using disk = bareDisk(join(root, 'disk'))
  const own: Sink = {
    name: 'the ledger',
    write: (from, some) => written.write(steps.slice(from, from + some.length), from),
  }
  const sinks = [own, level, sqlite, disk]
  const samples: number[][] = sinks.map(() => [])
  const writes = Math.min(Math.floor(many / batch / rounds), 400)
  for (let round = 0; round < rounds; round++) {
    for (const [i, sink] of sinks.entries()) {
      const start = performance.now()
      for (let k = 0; k < writes; k++) {
        const from = (round * writes + k) * batch
        await sink.write(from, entries.slice(from, from + batch))
      }
      samples[i]?.push(((performance.now() - start) * 1000) / writes / batch)
    }
  }
  const [us = 0, ...others] = samples.map(median)
  return others.map((besideUs, i) => ({
    name: `${name}, ${batch} at once`,
    us,
    perSecond: Math.round(1e6 / us),
    beside: sinks[i + 1]?.name ?? '',
    besideUs,
    ratio: us / besideUs,
  }))
}

/** What an append costs at several sizes, then an audit of the whole, and openings of it. */
async function ofGrowth(directory: string, entries: number): Promise<Figure[]> {
  const all = [...(await grown(directory, entries))]
  let start = performance.now()
  const audited = valued(await audit(directory))
  const auditMs = performance.now() - start
  const megabytes = Math.round(audited.memoryBytes / 2 ** 20)
  all.push(figureOf(`audit of ${entries}, in ${megabytes} MB, an entry`, auditMs, entries))
  start = performance.now()
  {
    await using store = valued(await openStore({ directory }))
    valued(await recover(store))
    all.push(figureOf(`open ${entries} from a snapshot`, performance.now() - start, 1))
  }
  await rm(join(directory, 'now', 'snapshots'), { recursive: true })
  start = performance.now()
  await using store = valued(await openStore({ directory }))
  valued(await recover(store))
  all.push(figureOf(`open ${entries} without one`, performance.now() - start, 1))
  return all
}

async function grown(directory: string, entries: number): Promise<Figure[]> {
  const figures: Figure[] = []
  await using written = await Written.open(directory)
  const growth = new Growth()
  let at = 0
  let group: (readonly Fact[])[] = []
  for (const facts of first(entries)) {
    group.push(facts)
    if (group.length < 256 && at + group.length < entries) continue
    const start = performance.now()
    await written.write(group, at)
    at += group.length
    growth.add(at, group.length, performance.now() - start)
    group = []
  }
  figures.push(...growth.figures)
  const start = performance.now()
  valued(await keepSnapshot(written.store, written.ledger))
  figures.push(figureOf(`keep a snapshot at ${at}`, performance.now() - start, 1))
  return figures
}

/** What appends cost where a ledger has a thousand entries, ten thousand, and so on. */
class Growth {
  readonly figures: Figure[] = []
  #mark = 1000
  #spent = 0
  #count = 0

  /** The last tenth before each power of ten is what an append costs there. */
  add(size: number, count: number, ms: number): void {
    if (size < 0.9 * this.#mark) return
    this.#spent += ms
    this.#count += count
    if (size < this.#mark) return
    this.figures.push(figureOf(`an append at ${this.#mark}`, this.#spent, this.#count))
    this.#mark *= 10
    this.#spent = 0
    this.#count = 0
  }
}

function figureOf(name: string, ms: number, count: number): Figure {
  return { name, us: (ms * 1000) / count, perSecond: Math.round((count * 1000) / ms) }
}

/** The bytes of the entries of these facts. */
function bytesOf(steps: readonly (readonly Fact[])[]): Uint8Array[] {
  const ledger = new Ledger(reopen)
  return steps.map((facts, i) => valued(ledger.write(facts, 2000 + i)).bytes)
}

function valued<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal))
  return answer.value
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}
