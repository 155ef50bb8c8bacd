import { type Job, limits, type Unit, units } from '@nexapod/specs'
import type { Content, FileAt, UnitSpec } from '../executor.ts'
import { inputFiles } from '../input-files.ts'
import { directory, file, type Shelf } from './crate.ts'
import type { Packed } from './tar.ts'

/** One program of a unit, filled in. */
export type ProgramOf = Extract<Unit['executors'][number], { type: 'docker' }>

/** What a unit finds, and where. */
export interface Sandbox {
  readonly programs: readonly ProgramOf[]
  readonly shelves: readonly Shelf[]
  /** Whether something has to stay in `/tmp` when a program has ended. */
  readonly sharesTmp: boolean
  readonly files: readonly FileAt[]
  /** What is laid into the volumes before the first program begins. */
  readonly things: readonly Packed[]
}

/** What a unit is given; undefined where an input is missing, or there is no room for it. */
export async function sandboxOf(
  { id, job, unit }: UnitSpec,
  content: Content,
): Promise<Sandbox | undefined> {
  const { executors, inputs } = units(job).at(unit)
  const programs = executors.filter((one) => one.type === 'docker')
  if (programs.length < executors.length) throw new Error(`${id} is no job of images`)
  const files = await inputFiles(inputs, content, {
    bytesMax: Math.min(job.resources.diskBytes, limits.containerFileBytesMax),
    filesMax: limits.containerFilesMax,
  })
  if (files === undefined) return undefined
  const paths = directoriesOf(job, programs, files)
  const all = [...files.map(({ path }) => path), ...paths, ...streamsOf(programs)]
  const outputs = job.outputs.map(({ path }) => path)
  const sharesTmp = programs.length > 1 || [...all, ...outputs].some(isInTmp)
  const roots = ['/in', '/out', '/scratch', ...(sharesTmp ? ['/tmp'] : [])]
  return {
    programs,
    shelves: roots.map((path) => ({ path, writes: path !== '/in' })),
    sharesTmp,
    files,
    things: [
      ...paths.map((path) => directory(path.slice(1))),
      ...files.map(({ path, bytes }) => file(path.slice(1), bytes)),
    ],
  }
}

function isInTmp(path: string): boolean {
  return path === '/tmp' || path.startsWith('/tmp/')
}

function streamsOf(programs: readonly ProgramOf[]): string[] {
  return programs.flatMap(({ stdin, stdout, stderr }) => [stdin, stdout, stderr]).filter(isGiven)
}

function isGiven(path: string | undefined): path is string {
  return path !== undefined
}

/** The directories that are there from the beginning, but for the four, each after those above. */
function directoriesOf(
  job: Job,
  programs: readonly ProgramOf[],
  files: readonly FileAt[],
): readonly string[] {
  const ofFiles = job.outputs.flatMap(({ path, kind }) => (kind === 'file' ? [path] : []))
  const within = [...files.map(({ path }) => path), ...ofFiles, ...streamsOf(programs)]
  const themselves = [
    ...job.volumes,
    ...job.inputs.flatMap(({ kind, path }) => (kind === 'directory' ? [path] : [])),
    ...job.outputs.flatMap(({ kind, path }) => (kind === 'directory' ? [path] : [])),
    ...programs.flatMap(({ workdir }) => workdir ?? []),
  ]
  const found = new Set<string>()
  for (const path of [...within.map((one) => `${one}/..`), ...themselves]) {
    const names = path
      .replace(/\/[^/]+\/\.\.$/, '')
      .split('/')
      .slice(1)
    for (let depth = 2; depth <= names.length; depth++) {
      found.add(`/${names.slice(0, depth).join('/')}`)
    }
  }
  return [...found].sort()
}
