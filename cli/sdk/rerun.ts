import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ProvenJob, Settled } from '@nexapod/ledger'
import { nameOf } from '@nexapod/mesh'
import { type Content, type FileAt, manifestOf, type Output, openWasmExecutor } from '@nexapod/node'
import { type Answer, accept, type Cid, isBelow, limits, refuse, resultId } from '@nexapod/specs'

/** Where modules and inputs lie on this disk, by their CIDs. */
export type Held = ReadonlyMap<Cid, string>

/** What lies in a directory, by the CIDs of its files and folders. */
export async function heldIn(directory: string, signal: AbortSignal): Promise<Held> {
  const held = new Map<Cid, string>()
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const named = await nameOf(path, { bytesMax: limits.storageBytesMax, signal })
    if (named.ok) held.set(named.value.cid, path)
  }
  return held
}

/** Runs units of a proven job on this machine, and compares all that they give: bytes and fuel. */
export async function rerun(
  { id, job }: Pick<ProvenJob, 'id' | 'job'>,
  drawn: readonly Settled[],
  held: Held,
  { signal, onUnit = () => {} }: { readonly signal: AbortSignal; onUnit?(unit: number): void },
): Promise<Answer<undefined>> {
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-rerun-'))
  const cores = Math.min(availableParallelism(), drawn.length)
  await using executor = openWasmExecutor(cores, contentOf(held))
  const again = async ({ unit, outcome }: Settled): Promise<Answer<undefined>> => {
    const at = `unit ${unit}`
    const ran = await executor.run({ key: at, id, job, unit }, signal, () => {})
    if (ran.type === 'failed') {
      const detail = ran.reason === 'unavailable' ? wanting : `it failed here: ${ran.reason}`
      return refuse('bundle.rerun', { at, detail })
    }
    let number = 0
    const add = async (output: Output): Promise<Cid> => {
      const path = join(directory, `${unit} ${number++}`)
      await written(output, path)
      const named = await nameOf(path, { bytesMax: limits.storageBytesMax, signal })
      if (!named.ok) throw new Error(`an output cannot be named: ${named.refusal.code}`)
      return named.value.cid
    }
    const { outcome: found } = await manifestOf({ id, job, unit }, ran, add)
    onUnit(unit)
    if (resultId(found) === resultId(outcome)) return accept(undefined)
    const detail = `expected result ${resultId(outcome)}, found ${resultId(found)}`
    return refuse('bundle.rerun', { at, detail })
  }
  try {
    const answers = await Promise.all(drawn.map(again))
    signal.throwIfAborted()
    return answers.find(({ ok }) => !ok) ?? accept(undefined)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const wanting = 'its module or an input is not in the results; name a directory with --data'

/** An output as it would lie among results. */
async function written({ path, kind, files }: Output, to: string): Promise<void> {
  if (kind === 'file') {
    await writeFile(to, files[0]?.bytes ?? new Uint8Array())
    return
  }
  await mkdir(to, { recursive: true })
  for (const file of files) {
    const at = join(to, file.path.slice(path.length + 1))
    await mkdir(dirname(at), { recursive: true })
    await writeFile(at, file.bytes)
  }
}

/** What units read, from where it lies. */
function contentOf(held: Held): Content {
  const at = (cid: Cid, below?: string) => {
    const path = held.get(cid)
    if (path === undefined || below === undefined) return path
    return isBelow(below) ? join(path, below) : undefined
  }
  return {
    async file(cid, { bytesMax }, below) {
      const path = at(cid, below)
      if (path === undefined) return undefined
      const { size } = await stat(path)
      return size > bytesMax ? undefined : new Uint8Array(await readFile(path))
    },
    async directory(cid, { bytesMax, filesMax }, below) {
      const path = at(cid, below)
      if (path === undefined) return undefined
      const files: FileAt[] = []
      let bytes = 0
      const entries = await readdir(path, { recursive: true, withFileTypes: true })
      for (const entry of entries.filter((one) => one.isFile())) {
        const full = join(entry.parentPath, entry.name)
        bytes += (await stat(full)).size
        if (bytes > bytesMax || files.length === filesMax) return undefined
        files.push({
          path: full.slice(path.length + 1),
          bytes: new Uint8Array(await readFile(full)),
        })
      }
      return files
    },
  }
}
