import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openJobProof, type ProvenJob } from '@nexapod/ledger'
import { nameOf } from '@nexapod/mesh'
import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import { givenBy, inputsFolder } from './inputs.ts'
import { jobFile, jobText, proofFile } from './results.ts'

/** Results that were checked against their proof, byte by byte. */
export interface Bundle {
  readonly proven: ProvenJob
  readonly files: number
  readonly bytes: number
  /** Modules and inputs that are there, and are those that the job names. */
  readonly inputs: ReadonlyMap<Cid, string>
  /** What lies there too, and of which nothing is said. */
  readonly beside: readonly string[]
}

/** What may end it, and who hears how far it is. */
export interface Checking {
  readonly signal: AbortSignal
  onUnit?(done: number, all: number): void
}

/**
 * Checks results that lie in a directory, with nothing but what lies there: every signature and
 * hash of their proof, and every byte of what units gave. Of which mesh they are is in what is
 * proven; who knows the mesh compares.
 */
export async function checkBundle(
  directory: string,
  { signal, onUnit = () => {} }: Checking,
): Promise<Answer<Bundle>> {
  const file = await bytesOf(directory, proofFile, limits.jobProofBytesMax)
  if (!file.ok) return file
  const opened = openJobProof(file.value)
  if (!opened.ok) {
    const { at = '', detail = '' } = opened.refusal
    const said = [at, detail].filter((part) => part !== '').join(': ')
    return { ok: false, refusal: { ...opened.refusal, at: proofFile, detail: said } }
  }
  const proven = opened.value
  const said = jobText({ ...proven, chain: proven.checkpoint.chain })
  const text = await bytesOf(directory, jobFile, 2 * Buffer.byteLength(said))
  if (!text.ok) return text
  if (!Buffer.from(said).equals(text.value)) return refuse('bundle.false', { at: jobFile })
  const known = new Set([jobFile, proofFile])
  let [files, bytes] = [0, 0]
  for (const [i, { unit, outcome }] of proven.settled.entries()) {
    for (const output of outcome.outputs) {
      const at = join(String(unit), output.path)
      const named = await isNamed(directory, at, output.cid, signal)
      if (!named.ok) return named
      known.add(at)
      files += 1
      bytes += output.bytes
    }
    onUnit(i + 1, proven.settled.length)
  }
  const inputs = new Map<Cid, string>()
  for (const cid of givenBy(proven.job).keys()) {
    const at = join(inputsFolder, cid)
    if (!(await isThere(join(directory, at)))) continue
    const named = await isNamed(directory, at, cid, signal)
    if (!named.ok) return named
    known.add(at)
    inputs.set(cid, join(directory, at))
  }
  const beside = await othersIn(directory, '', known)
  return accept({ proven, files, bytes, inputs, beside })
}

/** Whether what lies at a path is what a CID names. */
async function isNamed(
  directory: string,
  at: string,
  cid: Cid,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  const path = join(directory, at)
  if (!(await isThere(path))) return refuse('bundle.missing', { at })
  const named = await nameOf(path, { bytesMax: limits.storageBytesMax, signal })
  if (!named.ok) return { ok: false, refusal: { ...named.refusal, at } }
  if (named.value.cid === cid) return named
  return refuse('bundle.false', { at, detail: `expected ${cid}, found ${named.value.cid}` })
}

/** What lies below a directory, but for what is known; of what is a folder all that is in it. */
async function othersIn(
  directory: string,
  below: string,
  known: ReadonlySet<string>,
): Promise<string[]> {
  const others: string[] = []
  for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
    const at = join(below, entry.name)
    if (known.has(at)) continue
    if (entry.isDirectory()) others.push(...(await othersIn(directory, at, known)))
    else others.push(at)
  }
  return others.sort()
}

/** The bytes of a file of the bundle. */
async function bytesOf(
  directory: string,
  at: string,
  bytesMax: number,
): Promise<Answer<Uint8Array>> {
  const path = join(directory, at)
  if (!(await isThere(path))) return refuse('bundle.missing', { at })
  const found = await lstat(path)
  if (found.isFile() && found.size <= bytesMax) return accept(await readFile(path))
  return refuse('bundle.false', { at, detail: 'it is no file, or is too long' })
}

/** Whether something lies at a path. */
async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return false
      throw cause
    },
  )
}
