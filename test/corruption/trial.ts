import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { lookInChild } from '../../ledger/store/in-child.ts'
import { type Look, lookHere, openStore, repair, type Store } from '../../ledger/store/index.ts'
import { pageKey, sealedPage } from '../../ledger/store/row.ts'
import { signers, Writer } from '../../ledger/test/chains.ts'
import { takenOf } from '../../ledger/test/stores.ts'
import { type Answer, leafHash } from '../../specs/index.ts'
import { caseOf, damage } from './damages.ts'

/** What became of a case. */
export interface Outcome {
  readonly seed: number
  readonly target: string
  readonly deed: string
  /** Found when it was opened, found when it was read, or of no effect: all is served as it was. */
  readonly found: 'opening' | 'reading' | 'harmless' | 'UNSEEN'
  readonly repaired: 'repaired' | 'LOST' | 'no need'
  /** What LevelDB alone made of the same bytes. */
  readonly bare: 'refused' | 'silent loss' | 'harmless' | 'ended the process'
  readonly detail: string
}

const size = 1500
const rowCount = 20
/** Entries that are written at once. */
const groupSize = 50
const state = '7'.repeat(64) as Parameters<Store['gate']['checkpoint']>[1]['state']

/** The truth: what every store of the trials holds. */
const entries: readonly Uint8Array[] = new Writer().fill(size).entries
const taken = takenOf(entries)

/** Makes the store that is damaged in each case: tables, a log, rows and a checkpoint. */
export async function makeBase(directory: string): Promise<void> {
  for (const [from, to] of [
    [0, 600],
    [600, 1200],
    [1200, size],
  ] as const) {
    await using store = done(await openStore({ directory, look: lookHere }))
    for (let at = from; at < to; at += groupSize) {
      done(await store.append(taken.slice(at, Math.min(to, at + groupSize)), rowsAt(at)))
    }
    done(await store.gate.witnessed([]))
    done(await store.gate.checkpoint(signers[0] as (typeof signers)[0], { state, time: 1 }))
  }
  await rm(join(directory, 'before-open'), { recursive: true })
}

/**
 * How a case is tried: in one process; with a child that looks first, where that one ended; or only
 * mended, where LevelDB ended even the process that read what its child had found sound so far.
 */
export type Mode = 'here' | 'careful' | 'only mend'

/** Damages a copy of the base, looks whether it is found, and repairs it. */
export async function trial(
  base: string,
  directory: string,
  seed: number,
  mode: Mode = 'here',
): Promise<Outcome> {
  const look = mode === 'here' ? lookHere : lookInChild
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const now = join(directory, 'now')
  await cp(join(base, 'now'), now, { recursive: true })
  await damage(now, seed)
  const copy = join(directory, 'before-open')
  await cp(join(now, 'level'), copy, { recursive: true })
  const bare = mode === 'here' ? await readBare(copy) : 'ended the process'
  await rm(copy, { recursive: true })
  const [found, detail] =
    mode === 'only mend'
      ? (['reading', 'LevelDB ended the process that read'] as const)
      : await readAll(directory, look)
  const mended = found === 'harmless' ? 'no need' : await mend(directory, look)
  return { seed, ...caseOf(seed), found, repaired: mended, bare, detail }
}

async function readAll(directory: string, look: Look): Promise<[Outcome['found'], string]> {
  const opened = await openStore({ directory, look })
  if (!opened.ok) return ['opening', `${opened.refusal.at}: ${opened.refusal.detail}`]
  await using store = opened.value
  const wrong = await compare(store)
  if (wrong === undefined) return ['harmless', '']
  return [wrong.startsWith('ledger.') ? 'reading' : 'UNSEEN', wrong]
}

/** What a reader of the store would be told that is not the truth, or the refusal that it gets. */
async function compare(store: Store): Promise<string | undefined> {
  if (store.tip.size !== size) return `size ${store.tip.size}`
  let seq = 0
  for await (const answer of store.pages()) {
    if (!answer.ok) return answer.refusal.code
    for (const bytes of answer.value) {
      if (Buffer.compare(bytes, entries[seq++] as Uint8Array) !== 0) return `entry ${seq}`
    }
  }
  if (seq !== size) return `${seq} entries`
  const keys = store.givenKeys()
  if (keys.length !== rowCount) return `${keys.length} rows`
  for (const key of keys) {
    const answer = await store.given(key)
    if (!answer.ok) return answer.refusal.code
    if (Buffer.compare(answer.value ?? new Uint8Array(0), leafHash(key)) !== 0) return 'a row'
  }
  const signed = await store.gate.latest()
  if (!signed.ok) return signed.refusal.code
  if (signed.value === undefined) return 'no checkpoint'
  for (const index of [0, 700, size - 1]) {
    const path = await store.inclusion(index)
    if (!path.ok) return path.refusal.code
  }
  return undefined
}

async function mend(directory: string, look: Look): Promise<Outcome['repaired']> {
  const mended = await repair(directory, entries, { look })
  if (!mended.ok) return 'LOST'
  const opened = await openStore({ directory, look })
  if (!opened.ok) return 'LOST'
  await using store = opened.value
  const wrong = await compare(store)
  if (wrong === undefined) return 'repaired'
  // Rows that are nowhere else cannot come back, but whoever repairs is told so.
  const rowsOnly = /rows$|^no checkpoint$/.test(wrong)
  return rowsOnly && mended.value.rows === 'some' ? 'repaired' : 'LOST'
}

/** The negative control: the same bytes, read as LevelDB gives them. */
async function readBare(location: string): Promise<Outcome['bare']> {
  const level = new Level<Uint8Array, Uint8Array>(location, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: false,
  })
  try {
    await level.open()
    const firsts = Array.from({ length: size / groupSize }, (_, i) => i * groupSize)
    const rows = await level.getMany(firsts.map(pageKey))
    const same = rows.every((row, i) => {
      return row && Buffer.compare(row, pageAt(firsts[i] as number)) === 0
    })
    if (!same) return 'silent loss'
    return 'harmless'
  } catch (error) {
    if (error instanceof Error) return 'refused'
    throw error
  } finally {
    await level.close()
  }
}

/** The row that the entries from one on were written in. */
function pageAt(first: number): Uint8Array {
  const some = entries.slice(first, first + groupSize)
  const hashed = some.map((bytes) => ({ bytes, hash: leafHash(bytes) }))
  return sealedPage(pageKey(first), hashed)
}

/** A few rows beside the entries; some are taken away again. */
function rowsAt(at: number) {
  const key = (i: number) => new TextEncoder().encode(`row/${i}`)
  const add = { key: key(at), value: leafHash(key(at)) }
  return at / groupSize < rowCount ? [add] : [add, { key: key(at - rowCount * groupSize) }]
}

function done<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal))
  return answer.value
}
