import { digestBytes, isBelow, limits, type Unit, unitSeed, units } from '@nexapod/specs'
import type { Content, FileAt, Room, UnitSpec } from '../../executor.ts'
import type { Program, Task } from './task.ts'

/**
 * The task of a unit; undefined where an input is not there any more, has names that a sandbox
 * cannot have, or where all inputs together are more than a unit may have in memory. A publisher's
 * tools refuse those before the job is signed.
 */
export async function taskOf(
  { id, job, unit }: Omit<UnitSpec, 'key'>,
  content: Content,
): Promise<Task | undefined> {
  const { index, executors, inputs } = units(job).at(unit)
  const files = await filesOf(inputs, content, job.resources.diskBytes)
  if (files === undefined) return undefined
  const programs = executors.flatMap((executor) => {
    return executor.type === 'wasm' ? [programOf(executor)] : []
  })
  if (programs.length < executors.length) throw new Error(`${id} is no job of modules`)
  const ofInputs = inputs.flatMap(({ kind, path }) => (kind === 'directory' ? [path] : []))
  const workdirs = executors.flatMap(({ workdir }) => workdir ?? [])
  return {
    programs,
    files,
    directories: [...job.volumes, ...ofInputs, ...workdirs],
    outputs: job.outputs.map(({ path, kind }) => ({ path, kind })),
    fuel: job.resources.fuel,
    memoryBytesMax: job.resources.ramBytes,
    fileBytesMax: job.resources.diskBytes,
    epochMs: job.issued,
    seed: digestBytes(unitSeed(id, index)),
  }
}

function programOf(executor: Extract<Unit['executors'][number], { type: 'wasm' }>): Program {
  const { module, command, env, ignoreError, stdin, stdout, stderr, workdir } = executor
  // A job that came as JSON has its variables in another order than one that came as bytes.
  const variables = Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    module,
    args: command,
    variables,
    ignoreError,
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(workdir === undefined ? {} : { workdir }),
  }
}

/** The files of all inputs: what runs them holds them in memory, so they have an end. */
async function filesOf(
  inputs: Unit['inputs'],
  content: Content,
  diskBytes: number,
): Promise<readonly FileAt[] | undefined> {
  let bytesMax = Math.min(diskBytes, limits.wasmFileBytesMax)
  let filesMax: number = limits.wasmInputFilesMax
  const files: FileAt[] = []
  for (const input of inputs) {
    const given = await filesAt(input, content, { bytesMax, filesMax })
    if (given === undefined) return undefined
    for (const file of given) {
      bytesMax -= file.bytes.length
      files.push(file)
    }
    filesMax -= given.length
    if (bytesMax < 0 || filesMax < 0) return undefined
  }
  return files
}

async function filesAt(
  { path, kind, from }: Unit['inputs'][number],
  content: Content,
  room: Room,
): Promise<readonly FileAt[] | undefined> {
  if (from.type === 'text') return [{ path, bytes: new TextEncoder().encode(from.text) }]
  if (from.type === 'bytes') return [{ path, bytes: from.bytes }]
  if (kind === 'file') {
    const bytes = await content.file(from.cid, room, from.below)
    return bytes === undefined ? undefined : [{ path, bytes }]
  }
  const files = await content.directory(from.cid, room, from.below)
  if (files === undefined || !canLie(files)) return undefined
  const below = files.map((file) => ({ path: `${path}/${file.path}`, bytes: file.bytes }))
  return below.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Whether all names are those of a job, no two differ in case alone, and none lies in a file. */
function canLie(files: readonly FileAt[]): boolean {
  const spelled = new Map<string, string>()
  const isFile = new Set(files.map(({ path }) => path.toLowerCase()))
  if (isFile.size < files.length) return false
  for (const { path } of files) {
    if (!isBelow(path)) return false
    for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
      const above = path.slice(0, cut)
      const lower = above.toLowerCase()
      if (isFile.has(lower) || (spelled.get(lower) ?? above) !== above) return false
      spelled.set(lower, above)
    }
  }
  return true
}
