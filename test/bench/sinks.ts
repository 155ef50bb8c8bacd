import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Level } from 'level'
import { numberKey } from '../../ledger/store/row.ts'

/** A place where entries can be written, some at once, durable when it resolves. */
export interface Sink {
  readonly name: string
  write(from: number, entries: readonly Uint8Array[]): unknown
}

/** LevelDB alone, a row for each entry. */
export async function bareLevel(path: string): Promise<Sink & AsyncDisposable> {
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
        some.map((value, i) => ({ type: 'put', key: numberKey(from + i), value })),
        { sync: true },
      ),
    [Symbol.asyncDispose]: () => level.close(),
  }
}

/** SQLite as it is safe. */
export function bareSqlite(path: string): Sink & Disposable {
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
export function bareDisk(path: string): Sink & Disposable {
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
