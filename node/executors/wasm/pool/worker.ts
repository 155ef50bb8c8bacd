import { setFlagsFromString } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import type { FileAt } from '../../executor.ts'
import { admit } from '../run/module.ts'
import { type Module, run } from '../run/run.ts'
import type { Failed } from '../run/task.ts'
import { LogBuffer } from './log-buffer.ts'
import type { Answered, FromWorker, Numbered, ToWorker } from './message.ts'

/**
 * What short tasks gave is told together, and no later than this: whoever hears nothing for longer
 * knows that the next one is running.
 */
const gathered = { ms: 5, bytesMax: 64 * 1024 } as const

/** The thread that runs modules: whatever it is caught in, the main thread can end it. */
parentPort?.on('message', ({ tasks, modules }: ToWorker) => {
  const ready = new Map<string, Module>()
  let failed: Failed | undefined
  let begun = spent()
  let saidAt = performance.now()
  let all: Answered[] = []
  for (const [at, { number, task }] of tasks.entries()) {
    const log = new LogBuffer((stream, bytes) => say({ say: 'log', number, stream, bytes }))
    if (at === 0) failed = prepareAll(modules, task.memoryBytesMax, ready, log)
    const ran = failed ?? run(task, ready, (stream, bytes) => log.write(stream, bytes))
    log.flush()
    const now = spent()
    all.push({ number, done: { ran, cpuMs: now.cpuMs - begun.cpuMs, wallMs: now.ms - begun.ms } })
    begun = now
    const isGathering = now.ms - saidAt < gathered.ms && bytesOf(all) < gathered.bytesMax
    if (isGathering && at + 1 < tasks.length) continue
    say({ say: 'done', all }, buffersOf(all, tasks))
    all = []
    saidAt = now.ms
  }
})

// A loop that never returns would stay in the code of V8's first compiler, half as fast as the
// other. Set here and not for the process: what loads this file is compiled faster by the first.
setFlagsFromString('--no-liftoff')
say({ say: 'ready' })

function say(said: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(said, transfer)
}

/** Milliseconds of a core and of time until now. */
function spent(): { readonly cpuMs: number; readonly ms: number } {
  const { user, system } = process.threadCpuUsage()
  return { cpuMs: (user + system) / 1000, ms: performance.now() }
}

/** Has modules compiled; fails where this machine cannot. */
function prepareAll(
  modules: ToWorker['modules'],
  memoryBytesMax: number,
  ready: Map<string, Module>,
  log: LogBuffer,
): Failed | undefined {
  for (const [name, given] of modules) {
    if (!(given instanceof Uint8Array)) {
      ready.set(name, given)
      continue
    }
    const admitted = admit(given, memoryBytesMax)
    if ('failed' in admitted) return { type: 'failed', reason: admitted.failed }
    const { module, refusal } = admitted
    if (refusal !== undefined) log.write(2, new TextEncoder().encode(`${refusal}\n`))
    ready.set(name, module)
    say({ say: 'admitted', module: name, memoryBytesMax, admitted: module, bytes: given.length })
  }
  return undefined
}

function filesOf(all: readonly Answered[]): FileAt[] {
  return all.flatMap(({ done: { ran } }) => {
    return ran.type === 'ran' ? ran.outputs.flatMap(({ files }) => files) : []
  })
}

function bytesOf(all: readonly Answered[]): number {
  return filesOf(all).reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** What outputs lie in goes along as it is, but for inputs: the next task may read them. */
function buffersOf(all: readonly Answered[], tasks: readonly Numbered[]): ArrayBuffer[] {
  const inputs = new Set(tasks.flatMap(({ task }) => task.files.map(({ bytes }) => bytes.buffer)))
  const buffers = new Set(filesOf(all).map(({ bytes }) => bytes.buffer))
  return [...buffers].flatMap((one) => {
    return one instanceof ArrayBuffer && !inputs.has(one) ? [one] : []
  })
}
