import { nameOfFile } from '@nexapod/mesh/browser'
import { limits } from '@nexapod/specs'
import { problemOf } from '../api/ask.ts'
import { faultTold, no } from './fault.ts'
import { waited } from './publishing.ts'
import type { Progress, Tried, Wanted } from './told.ts'
import { type Packed, zipOf } from './zip.ts'

/** What one download may come to: it is held by the browser until it is whole. */
const bytesMax = 1024 * 1024 * 1024
/** What an archive of the plain kind can count to. */
const filesMax = 65_535

/**
 * The outputs of a job as one file, each in the folder of its unit, as `nexapod job results` lays
 * them. What has not the CID that the chain names is refused, and with it all.
 */
export async function resultsOf(
  base: string,
  job: string,
  files: readonly Wanted[],
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Tried<Blob>> {
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0)
  if (all > bytesMax || files.length > filesMax) {
    const detail = `${files.length} files, ${all} bytes: nexapod job results ${job}`
    return no('data.too-large', { detail })
  }
  const packed: Packed[] = []
  for (const [i, wanted] of files.entries()) {
    tell({ what: `fetches and checks ${wanted.unit}${wanted.path}`, done: i, of: files.length })
    const file = await fetched(base, job, wanted, signal)
    if (!file.ok) return file
    packed.push({ name: `${wanted.unit}${wanted.path}`, file: file.value })
  }
  return { ok: true, value: await zipOf(packed) }
}

async function fetched(
  base: string,
  job: string,
  { unit, path, cid, bytes }: Wanted,
  signal: AbortSignal,
): Promise<Tried<Blob>> {
  const asked = `api/v1/jobs/${job}/results/${unit}/file?path=${encodeURIComponent(path)}`
  for (;;) {
    // From a cache, what was false would be so for ever: coordinators say that it does not change.
    const asking = fetch(new URL(asked, base), { signal, cache: 'no-store' })
    const answer = await asking.catch((cause: unknown) => {
      // The network, or who has stopped it.
      if (cause instanceof Error) return undefined
      throw cause
    })
    if (answer === undefined) return no('wire.cut', { at: path })
    if (answer.ok) {
      const file = await taken(answer, bytes)
      return file === undefined
        ? no('wire.cut', { at: path })
        : await checked(file, cid, bytes, signal)
    }
    const problem = problemOf(await answer.json().catch(() => undefined))
    const { code, retryMs = limits.pauseMs } = problem
    const isLater = code === 'wire.rate' || code === 'wire.full'
    if (!isLater) return { ok: false, faults: [faultTold(problem)] }
    if (!(await waited(retryMs, signal))) return no('wire.cut', { at: path })
  }
}

/** What comes, as far as it may: of what is longer no more, and of what was cut off nothing. */
async function taken({ body }: Response, bytesMax: number): Promise<Blob | undefined> {
  const parts: BlobPart[] = []
  const reader = body?.getReader()
  try {
    for (let left = bytesMax; left >= 0; ) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
      if (done) break
      parts.push(value)
      left -= value.length
    }
    await reader?.cancel()
  } catch (cause) {
    if (cause instanceof Error) return undefined
    throw cause
  }
  return new Blob(parts)
}

async function checked(
  file: Blob,
  cid: string,
  bytes: number,
  signal: AbortSignal,
): Promise<Tried<Blob>> {
  const named = await nameOfFile(file, bytes, () => {}, signal)
  if (!named.ok || named.value !== cid) {
    const found = named.ok ? named.value : `${file.size} bytes`
    return no('data.false', { at: cid, detail: `found ${found}` })
  }
  return { ok: true, value: file }
}
