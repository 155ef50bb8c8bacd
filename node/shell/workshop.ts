import type { Data } from '@nexapod/mesh'
import { type Cid, type Job, limits, type Unit, units } from '@nexapod/specs'
import type { Content, Executed, Executor, FileAt, OnLog, Output } from '../executors/executor.ts'
import { manifestOf } from '../executors/manifest.ts'
import type { Execution, Outcome, Workshop } from './ground.ts'

/** What a workshop works with. */
export interface Tools {
  readonly data: Data
  readonly executors: readonly Executor[]
  /** Who may have a root, by peer id: those to ask first, then whom the directory names. */
  providers(root: Cid, key: string, signal: AbortSignal): AsyncIterable<readonly string[]>
  /** Gateways of coordinators, which give public data faster than a stream does. */
  readonly gateways: readonly string[]
  readonly onLog: (key: string, ...log: Parameters<OnLog>) => void
}

type Tree = Parameters<Data['importTree']>[0]

/** Fetches what units need, runs them, and keeps what they gave, each under the unit's own name. */
export function openWorkshop(tools: Tools): Workshop {
  const { data, executors, onLog } = tools
  const executorOf = ({ executors: [program] }: Job) => {
    return executors.find(({ kind }) => kind === program?.type)
  }
  return {
    async fetch({ key, job, unit }, signal) {
      for (const need of needsOf(job, units(job).at(unit))) {
        if (!(await fetched(tools, need, key, signal))) return false
      }
      return true
    },
    async execute(execution, signal) {
      const { key, job } = execution
      const executor = executorOf(job)
      if (executor === undefined) return { type: 'failed', why: 'executor' }
      const executed = await executor.run(execution, signal, (...log) => onLog(key, ...log))
      if (executed.type === 'failed') return { type: 'failed', why: whyOf[executed.reason] }
      return await keptOutputs(data, execution, executed, signal)
    },
    freeze(key, still) {
      for (const executor of executors) {
        if (still) executor.freeze(key)
        else executor.thaw(key)
      }
    },
    pace(cpuPercent) {
      for (const executor of executors) executor.pace(cpuPercent)
    },
    async release(key) {
      const names = data.store.pins().map(({ name }) => name)
      for (const name of names) if (isOf(key, name)) await data.store.unpin(name)
    },
  }
}

/** Lets go of all that was kept for units that the node knows nothing of any more. */
export async function sweep({ store }: Data, known: (key: string) => boolean): Promise<void> {
  for (const { name } of store.pins()) {
    const key = name.slice(0, name.indexOf(' '))
    if (name.includes(' ') && !known(key)) await store.unpin(name)
  }
}

/** What an executor reads of what was fetched. */
export function contentOf(data: Data): Content {
  const read = async (
    cid: Cid,
    bytesMax: number,
    below: string | undefined,
  ): Promise<Tree | undefined> => {
    const bounds = { bytesMax, ...(below === undefined ? {} : { below }) }
    const found = await data.exportTree(cid, bounds)
    return found.ok ? found.value : undefined
  }
  return {
    async file(cid, bytesMax, below) {
      const tree = await read(cid, bytesMax, below)
      return tree !== undefined && 'bytes' in tree ? tree.bytes : undefined
    },
    async directory(cid, bytesMax, below) {
      const tree = await read(cid, bytesMax, below)
      return tree !== undefined && 'entries' in tree ? [...filesIn(tree, '')] : undefined
    },
  }
}

const whyOf = {
  timeout: 'time',
  memory: 'memory',
  killed: 'executor',
  unavailable: 'data',
} as const satisfies Record<Extract<Executed, { type: 'failed' }>['reason'], string>

/** What lies on the disk of the node for a unit is called by its key, a space, and what it is. */
function isOf(key: string, name: string): boolean {
  return name.startsWith(`${key} `)
}

/** Something that a unit needs: a root, or what lies below it. */
interface Need {
  readonly root: Cid
  readonly below?: string
  readonly bytesMax: number
}

/** All that a unit needs, and how much each may be. */
function needsOf({ resources }: Job, { executors, inputs }: Unit): readonly Need[] {
  const { diskBytes } = resources
  const programs = executors.flatMap((program): Need[] => {
    if (program.type === 'wasm') {
      return [{ root: program.module, bytesMax: limits.wasmModuleBytesMax }]
    }
    return program.archive === undefined ? [] : [{ root: program.archive, bytesMax: diskBytes }]
  })
  const data = inputs.flatMap(({ from }): Need[] => {
    if (from.type !== 'cid') return []
    const { cid: root, below } = from
    return [{ root, bytesMax: diskBytes, ...(below === undefined ? {} : { below }) }]
  })
  return [...programs, ...data]
}

/** Whether it is here now, whoever had it. */
async function fetched(tools: Tools, need: Need, key: string, signal: AbortSignal) {
  const { data, gateways } = tools
  try {
    for await (const peers of tools.providers(need.root, key, signal)) {
      const pin = `${key} in ${need.root}`
      const { ok } = await data.fetch({ ...need, peers, gateways, pin, signal })
      if (ok) return true
    }
    return false
  } catch (cause) {
    if (signal.aborted) return false
    throw cause
  }
}

/** Puts what a unit gave on the disk, where nobody is shown it before its verdict. */
async function keptOutputs(
  data: Data,
  { key, id, job, unit }: Execution,
  ran: Extract<Executed, { type: 'ran' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { diskBytes: bytesMax } = job.resources
  let number = 0
  const add = async (output: Output): Promise<Cid> => {
    const pin = `${key} out ${number++}`
    const built = await data.importTree(treeOf(output), { bytesMax, pin, sealed: true, signal })
    if (!built.ok) throw new Unkept(built.refusal.code)
    return built.value.cid
  }
  try {
    return { type: 'result', manifest: await manifestOf({ id, job, unit }, ran, add) }
  } catch (cause) {
    if (signal.aborted || cause instanceof Unkept) return { type: 'failed', why: 'data' }
    throw cause
  }
}

/** The disk has no room for what a unit gave. */
class Unkept extends Error {}

/** A file as it is, or the directory that some files make. */
function treeOf({ path, kind, files }: Output): Tree {
  const [only] = files
  if (kind === 'file') return { bytes: only?.bytes ?? new Uint8Array() }
  const root = new Map<string, Tree>()
  for (const file of files) {
    const names = file.path.slice(path.length + 1).split('/')
    const last = names.pop() as string
    let at = root
    for (const name of names) {
      const next = at.get(name)
      const below = next !== undefined && 'entries' in next ? next.entries : new Map()
      at.set(name, { entries: below })
      at = below as Map<string, Tree>
    }
    at.set(last, { bytes: file.bytes })
  }
  return { entries: root }
}

function* filesIn(tree: Tree, path: string): Generator<FileAt> {
  if ('bytes' in tree) {
    yield { path, bytes: tree.bytes }
    return
  }
  for (const [name, below] of tree.entries) yield* filesIn(below, path ? `${path}/${name}` : name)
}
