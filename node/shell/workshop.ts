import type { Data } from '@nexapod/mesh'
import type { Cid, Job } from '@nexapod/specs'
import type { Executed, Executor, OnLog, Output } from '../executors/executor.ts'
import { manifestOf } from '../executors/manifest.ts'
import type { Execution, Outcome, Workshop } from './ground.ts'
import type { Inputs } from './inputs.ts'

/** What a workshop works with. */
export interface Tools {
  readonly data: Data
  readonly executors: readonly Executor[]
  readonly inputs: Inputs
  readonly onLog: (key: string, ...log: Parameters<OnLog>) => void
}

type Tree = Parameters<Data['importTree']>[0]

/** Fetches what units need, runs them, and keeps what they gave, each under the unit's own name. */
export function openWorkshop(tools: Tools): Workshop {
  const { data, executors, inputs, onLog } = tools
  const executorOf = ({ executors: [program] }: Job) => {
    return executors.find(({ kind }) => kind === program?.type)
  }
  return {
    fetch: (execution, signal) => inputs.fetch(execution, signal),
    async execute(execution, signal, ran) {
      const { key, job } = execution
      const executor = executorOf(job)
      if (executor === undefined) return { type: 'failed', why: 'executor' }
      const executed = await executor.run(execution, signal, (...log) => onLog(key, ...log))
      if (executed.type === 'failed') return failureOf(executed.reason)
      ran()
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
    async release(key, decided) {
      await inputs.release(key)
      const { store } = data
      for (let number = 0; store.isPinned(nameOf(key, number)); number++) {
        const name = nameOf(key, number)
        if (decided) await store.unseal(name)
        await store.unpin(name)
      }
    },
  }
}

/** What a unit gave is called on the disk by its key and a number. */
function nameOf(key: string, number: number): string {
  return `${key} out ${number}`
}

/**
 * Lets go of all that was kept for units that the node knows nothing of any more. What nothing
 * holds goes with it: it may be what a unit gave, of which a crash left half.
 */
export async function sweep({ store }: Data, known: (key: string) => boolean): Promise<void> {
  for (const { name } of store.pins()) {
    const key = name.slice(0, name.indexOf(' '))
    if (name.includes(' ') && !known(key)) await store.unpin(name)
  }
  await store.dropLoose()
}

type Reason = Extract<Executed, { type: 'failed' }>['reason']

const whyOf = {
  timeout: 'time',
  memory: 'memory',
  killed: 'executor',
  unavailable: 'data',
} as const satisfies Record<Exclude<Reason, 'beside'>, string>

function failureOf(reason: Reason): Outcome {
  return reason === 'beside' ? { type: reason } : { type: 'failed', why: whyOf[reason] }
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
    const pin = nameOf(key, number++)
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
