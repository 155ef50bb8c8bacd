import {
  access,
  copyFile,
  cp,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Answer, accept, type Refusal, refuse } from '@nexapod/specs'
import { Level } from 'level'
import { codesOf, Damage, said } from './damage.ts'

const format = 'nexapod ledger 1\n'
const marker = 'damaged'

/** Where things are in the directory of a store. */
export function placesOf(directory: string) {
  const now = join(directory, 'now')
  return {
    directory,
    /** What is served. */
    now,
    level: join(now, 'level'),
    /** States of the fold, so that not all entries are folded at each start. */
    snapshots: join(now, 'snapshots'),
    /** What LevelDB's last open was given, before it rewrote it. */
    beforeOpen: join(directory, 'before-open'),
    /** A LevelDB without rows, for its lock: the one that Node.js can take from the kernel. */
    lock: join(directory, 'lock'),
    /** What is being made, until it takes the place of `now`. */
    next: join(directory, 'next'),
    /** Where a copy is opened, to look at it. */
    scratch: join(directory, 'scratch'),
  }
}

/** What stands in a directory: a store, nothing, or what is left where one was. */
export async function found(directory: string): Promise<Answer<'store' | 'nothing'>> {
  const names = await namesIn(directory)
  const places = placesOf(directory)
  if (names.includes('now')) {
    const text = await textOf(join(places.now, 'format'))
    if (text !== format) {
      const detail = `format ${JSON.stringify(text?.slice(0, 40) ?? 'missing')}`
      return refuse('ledger.version', { detail })
    }
    const damage = await textOf(join(places.now, marker))
    if (damage === undefined) return accept('store')
    return new Damage(marker, `found before: ${damage}`).refused()
  }
  if (names.some((name) => name.startsWith('quarantine-'))) {
    return new Damage('now', 'a repair did not end').refused()
  }
  const own = ['lock', 'next', 'scratch', 'before-open']
  const foreign = names.find((name) => !own.includes(name))
  if (foreign === undefined) return accept('nothing')
  return refuse('ledger.version', { detail: `there is ${foreign}, which no ledger made` })
}

/** Writes the file that says which format a store has. */
export async function writeFormat(folder: string): Promise<void> {
  await write(join(folder, 'format'), format)
}

/**
 * Marks a store, so that no process serves it before it is repaired. Where no mark can be written
 * the store has stopped all the same, and the next one to open it looks again.
 */
export async function markDamaged(directory: string, refusal: Refusal): Promise<void> {
  try {
    await write(join(placesOf(directory).now, marker), `${refusal.at}: ${refusal.detail}`)
  } catch (error) {
    if (!isOfMachine(error)) throw error
  }
}

/** Holds a directory for this process, until it is released or the process dies. */
export async function locked(directory: string): Promise<Answer<AsyncDisposable>> {
  const { lock } = placesOf(directory)
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, 2)
    return accept(await openLock(lock))
  } catch (error) {
    if (codesOf(error).includes('LEVEL_LOCKED')) {
      return refuse('ledger.locked', { detail: directory })
    }
    return cannotWrite(directory, error)
  }
}

/** The refusal for a directory that cannot be written. */
export function cannotWrite(at: string, error: unknown): Answer<never> {
  return refuse('ledger.stopped', { at, detail: said(error) })
}

/** Whether an error says that the machine did not let us, rather than that bytes are wrong. */
export function isOfMachine(error: unknown): boolean {
  const codes = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'EFBIG']
  if (codesOf(error).some((code) => codes.includes(code))) return true
  const words = said(error)
  return (
    /no space left|permission denied|read-only file/i.test(words) ||
    /too many open|too large|input\/output error/i.test(words)
  )
}

/**
 * Copies a LevelDB, so that the copy can be opened while the files stay as they are. Tables never
 * change, so that they are linked; whatever LevelDB rewrites is copied. Gives the bytes of its log.
 */
export async function copyLevel(from: string, to: string): Promise<number> {
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  let logBytes = 0
  for (const name of await readdir(from)) {
    if (/^LO(CK|G|G\.old)$/.test(name)) continue
    if (/\.(ldb|sst)$/.test(name)) await linkOrCopy(join(from, name), join(to, name))
    else await cp(join(from, name), join(to, name), { recursive: true })
    if (name.endsWith('.log')) logBytes += (await stat(join(from, name))).size
  }
  return logBytes
}

/** Keeps what LevelDB rewrites when it opens: it deletes a log that it misread. */
export async function keepBeforeOpen(directory: string): Promise<void> {
  const { level, beforeOpen } = placesOf(directory)
  await rm(beforeOpen, { recursive: true, force: true })
  await mkdir(beforeOpen)
  for (const name of await namesIn(level)) {
    if (!/^(\d+\.log|MANIFEST-\d+|CURRENT|LOG)$/.test(name)) continue
    await cp(join(level, name), join(beforeOpen, name), { recursive: true })
  }
}

/** The lines of LevelDB's own log that tell of bytes it did not like. */
export async function complaintsIn(location: string): Promise<string[]> {
  const text = (await textOf(join(location, 'LOG'))) ?? ''
  return text.split('\n').filter((line) => /dropping|Corruption|Ignoring error/.test(line))
}

/** Lets what was made take the place of what is there, which goes into quarantine. */
export async function replaceNow(directory: string): Promise<string | undefined> {
  const { now, next } = placesOf(directory)
  const names = await namesIn(directory)
  let quarantine: string | undefined
  if (names.includes('now')) {
    const numbers = names.map((name) => Number(/^quarantine-(\d+)$/.exec(name)?.[1] ?? 0))
    quarantine = join(directory, `quarantine-${Math.max(0, ...numbers) + 1}`)
    await rename(now, quarantine)
  }
  await rename(next, now)
  await syncFolder(directory)
  await syncFolder(dirname(directory))
  return quarantine
}

/** Takes back a replacement that a crash has cut in the middle: what was there is there again. */
export async function undoReplacement(directory: string): Promise<void> {
  const names = await namesIn(directory)
  const numbers = names.map((name) => Number(/^quarantine-(\d+)$/.exec(name)?.[1] ?? 0))
  const last = Math.max(0, ...numbers)
  if (names.includes('now') || last === 0) return
  await rename(join(directory, `quarantine-${last}`), placesOf(directory).now)
  await syncFolder(directory)
}

/** Makes the names in a folder safe from a crash. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path)
  await folder.sync()
}

/** The names in a folder; none if there is no such folder. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (codesOf(error).includes('ENOENT')) return []
    throw error
  }
}

async function openLock(lock: string): Promise<AsyncDisposable> {
  const guard = new Level(lock)
  try {
    await guard.open()
  } catch (error) {
    if (codesOf(error).includes('LEVEL_LOCKED') || isOfMachine(error)) throw error
    // It holds nothing but its lock: what is wrong with its files is made anew.
    for (const name of await namesIn(lock)) {
      if (name !== 'LOCK') await rm(join(lock, name), { recursive: true })
    }
    await guard.open()
  }
  return { [Symbol.asyncDispose]: () => guard.close() }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (!codesOf(error).some((code) => ['EXDEV', 'EPERM', 'EMLINK'].includes(code))) throw error
    await copyFile(from, to)
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(dirname(path))
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codesOf(error).some((code) => code === 'ENOENT' || code === 'EISDIR')) return undefined
    throw error
  }
}
