import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Level } from 'level'
import { audit, openStore, type Store } from '../../ledger/store/index.ts'
import { entryKey } from '../../ledger/store/row.ts'
import { Writer } from '../../ledger/test/chains.ts'
import type { Figure } from './harness.ts'

/** Entries that are written in each measure: enough that tables are made meanwhile. */
const many = 40_000
const audited = 120_000
const rounds = 5

/** A place where entries can be written, some at once, durable when it resolves. */
interface Sink {
  readonly name: string
  write(from: number, entries: readonly Uint8Array[]): unknown
}

/**
 * Durable entries a second at several sizes of batch, beside bare LevelDB, SQLite and the disk's
 * own syncs, in turns of the same run; and how fast a long chain is audited.
 */
export async function figures(): Promise<Figure[]> {
  const { entries } = new Writer().fill(audited)
  const root = await mkdtemp(join(tmpdir(), 'nexapod-bench-'))
  try {
    const all: Figure[] = []
    for (const batch of [1, 16, 256]) all.push(...(await atBatch(root, entries, batch)))
    all.push(...(await ofAudit(join(root, 'audit'), entries)))
    return all
  } finally {
    await rm(root, { recursive: true })
  }
}

async function atBatch(
  root: string,
  entries: readonly Uint8Array[],
  batch: number,
): Promise<Figure[]> {
  const directory = join(root, `store-${batch}`)
  await using store = await opened(directory)
  await using level = await bareLevel(join(root, `level-${batch}`))
  using sqlite = bareSqlite(join(root, `sqlite-${batch}`))
  using disk = bareDisk(join(root, 'disk'))
  const sinks: Sink[] = [
    { name: 'the store', write: (_, some) => taken(store, some) },
    level,
    sqlite,
    disk,
  ]
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
  const [own = 0, ...others] = samples.map(median)
  return others.map((us, i) => ({
    name: `an entry, ${batch} at once`,
    us: own,
    perSecond: Math.round(1e6 / own),
    beside: sinks[i + 1]?.name ?? '',
    besideUs: us,
    ratio: own / us,
  }))
}

async function ofAudit(directory: string, entries: readonly Uint8Array[]): Promise<Figure[]> {
  {
    await using store = await opened(directory)
    for (let at = 0; at < entries.length; at += 256) {
      await taken(store, entries.slice(at, at + 256))
    }
  }
  const figureOf = (name: string, ms: number, count: number): Figure => ({
    name,
    us: (ms * 1000) / count,
    perSecond: Math.round((count * 1000) / ms),
  })
  let start = performance.now()
  const answer = await audit(directory)
  if (!answer.ok) throw new Error('a sound store was found damaged')
  const auditMs = performance.now() - start
  start = performance.now()
  await (await opened(directory))[Symbol.asyncDispose]()
  return [
    figureOf(`audit, an entry of ${entries.length}`, auditMs, entries.length),
    figureOf(`open a store of ${entries.length}`, performance.now() - start, 1),
  ]
}

async function taken(store: Store, entries: readonly Uint8Array[]): Promise<void> {
  const answer = await store.append(entries)
  if (!answer.ok) throw new Error(answer.refusal.code)
}

async function opened(directory: string): Promise<Store> {
  const answer = await openStore({ directory })
  if (!answer.ok) throw new Error(answer.refusal.code)
  return answer.value
}

async function bareLevel(path: string): Promise<Sink & AsyncDisposable> {
  const level = new Level<Uint8Array, Uint8Array>(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    compression: false,
  })
  await level.open()
  return {
    name: 'level, synced',
    write: (from, some) =>
      level.batch(
        some.map((value, i) => ({ type: 'put', key: entryKey(from + i), value })),
        { sync: true },
      ),
    [Symbol.asyncDispose]: () => level.close(),
  }
}

function bareSqlite(path: string): Sink & Disposable {
  const sqlite = new DatabaseSync(path)
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  sqlite.exec('CREATE TABLE entries (seq INTEGER PRIMARY KEY, bytes BLOB) STRICT')
  const insert = sqlite.prepare('INSERT INTO entries VALUES (?, ?)')
  return {
    name: 'sqlite, WAL and FULL',
    write(from, some) {
      sqlite.exec('BEGIN')
      for (const [i, bytes] of some.entries()) insert.run(from + i, bytes)
      sqlite.exec('COMMIT')
    },
    [Symbol.dispose]: () => sqlite.close(),
  }
}

/** What the disk can do at the most: the bytes of a batch in a file, then one sync. */
function bareDisk(path: string): Sink & Disposable {
  const file = openSync(path, 'w')
  return {
    name: 'the disk: write and sync',
    write(_, some) {
      writeSync(file, Buffer.concat(some))
      fdatasyncSync(file)
    },
    [Symbol.dispose]() {
      closeSync(file)
      rmSync(path)
    },
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}
