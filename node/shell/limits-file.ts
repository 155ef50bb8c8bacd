import { mkdir, readFile, realpath } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Answer,
  accept,
  limits as bounds,
  fromJson,
  type Json,
  refuse,
  toJson,
} from '@nexapod/specs'
import { type Limits, limitsSchema } from '../core/limits/limits.ts'
import {
  laidOver,
  limitKeys,
  limitNamed,
  sayLimit,
  valueAt,
  valueIn,
  withValue,
} from '../core/limits/spoken.ts'
import { replaceFile } from './kept-file.ts'

/** What an owner lends, and where that was said. */
export interface LimitsFound {
  /** The file, which need not be there: then all is as usual. */
  readonly path: string
  readonly limits: Limits
  /** Keys that the file says; all others are as usual. */
  readonly said: readonly string[]
}

/** One limit, as its owner reads it. */
export interface LimitRow {
  readonly key: string
  readonly says: string
  /** Left out where there is no such limit. */
  readonly value?: Json
  readonly from: 'file' | 'usual'
}

/** What a node lends, as its owner reads it. */
export interface LimitsStatus {
  /** The file that says so, if it is there. */
  readonly path: string
  readonly rows: readonly LimitRow[]
  /** Keys of which a part holds from the next start on. */
  readonly later: readonly string[]
}

/**
 * What is lent where nobody said otherwise: half of the cores while somebody may use the machine,
 * all of them when nobody does, and half of the memory. Nothing but modules runs.
 */
export function usualLimits(): Limits {
  const cores = Math.min(availableParallelism(), bounds.coresMax)
  const ramBytes = Math.floor(totalmem() / 2)
  return {
    v: 1,
    inUse: { cores: Math.max(1, Math.floor(cores / 2)), cpuPercent: 100, ramBytes },
    idle: { cores, cpuPercent: 100, ramBytes },
    ...{ idleAfterMs: 300_000, onReturn: 'freeze', hours: [], metered: true },
    ...{ diskBytes: 10_000_000_000, transfers: {}, programs: [], projects: [], publishers: [] },
    avoids: { projects: [], publishers: [] },
    executors: { wasm: true, docker: false, anyImage: false, images: [] },
    tiers: ['cpu', 'gpu', 'hpc'],
    gpus: 0,
    owner: { remote: false },
  }
}

/** The limits of a file. What it does not say is as usual; what it says wrong is refused. */
export async function limitsIn(path: string): Promise<Answer<LimitsFound>> {
  const written = await writtenIn(path)
  return written.ok ? limitsOf(path, written.value) : written
}

/** Has a file say a limit, in words, or no more say it. What would be wrong is not written. */
export async function changeLimits(
  path: string,
  key: string,
  text: string | undefined,
): Promise<Answer<LimitsFound>> {
  const limit = limitNamed(key)
  if (!limit.ok) return limit
  const value = text === undefined ? accept(undefined) : valueIn(limit.value, text)
  if (!value.ok) return value
  const written = await writtenIn(path)
  if (!written.ok) return written
  const next = withValue(laidOver({ v: 1 }, written.value), limit.value.key, value.value)
  const found = limitsOf(path, next)
  if (!found.ok) return found
  const lines = `${JSON.stringify(next, null, 2)}\n`
  const kept = await attempted(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await replaceFile(await placeOf(path), lines)
  })
  return kept.ok ? found : kept
}

/** Limits as their owner reads them. */
export function limitsStatus(found: LimitsFound, later: readonly string[]): LimitsStatus {
  const { path, said } = found
  const limits = toJson(limitsSchema, found.limits)
  const rows = limitKeys.map((limit): LimitRow => {
    const { key } = limit
    const value = valueAt(limits, key)
    const from = said.includes(key) ? 'file' : 'usual'
    return { key, says: sayLimit(limit, value), ...(value === undefined ? {} : { value }), from }
  })
  return { path, rows, later }
}

/** Where the limits of a node are, if nobody says that they are elsewhere. */
export function limitsPathIn(directory: string): string {
  return join(directory, 'limits.json')
}

function limitsOf(path: string, written: Json): Answer<LimitsFound> {
  const usual = toJson(limitsSchema, usualLimits())
  const limits = fromJson(limitsSchema, laidOver(usual, written))
  if (!limits.ok) {
    const { refusal } = limits
    return { ok: false, refusal: { ...refusal, at: `${refusal.at ?? 'all'} of ${path}` } }
  }
  const keys = limitKeys.map(({ key }) => key)
  const said = keys.filter((key) => valueAt(written, key) !== undefined)
  return accept({ path, limits: limits.value, said })
}

/** What a file says, as JSON; nothing if it is not there. */
async function writtenIn(path: string): Promise<Answer<Json>> {
  const text = await attempted(path, async () => await textIn(path))
  if (!text.ok) return text
  if (text.value.length > bounds.limitsFileBytesMax) return refuse('bytes.too-large', { at: path })
  try {
    const written: Json = JSON.parse(text.value)
    if (typeof written === 'object' && written !== null && !Array.isArray(written)) {
      return accept(written)
    }
    return refuse('document.type', { at: path, detail: 'expected a map' })
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    return refuse('document.form', { at: path, detail: `JSON: ${cause.message}` })
  }
}

async function textIn(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '{}'
    throw cause
  })
}

/** The file behind a link: the link stays. */
async function placeOf(path: string): Promise<string> {
  return await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return path
    throw cause
  })
}

/** What the file system does not do is refused in its words: it is the owner's file. */
async function attempted<T>(path: string, act: () => Promise<T>): Promise<Answer<T>> {
  try {
    return accept(await act())
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause
    return refuse('limits.file', { at: path, detail: cause.message })
  }
}
