import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Task } from '../run/task.ts'
import type { FromChild, FromWorker, ToChild, ToWorker } from './message.ts'
import { ModuleCache } from './module-cache.ts'

/**
 * The main thread of a child of the pool: it hears what the pool says at any time, and so ends when
 * nobody is there any more to say something. Modules run in the thread below.
 */
const cache = new ModuleCache()
let waiting: { readonly number: number; readonly task: Task } | undefined
let worker = begin()

process.on('message', (said: ToChild) => {
  if (said.say === 'stop') void stop(said.number)
  else if (said.say === 'run') run(said.number, said.task, new Map())
  else {
    const { number, task } = waiting ?? {}
    waiting = undefined
    if (task !== undefined && number === said.number) run(number, task, said.modules)
  }
})

process.on('disconnect', () => void worker.terminate())

function begin(): Worker {
  const thread = new Worker(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
    env: {},
    // Twice what the profile asks for, so that the calls of the host have their part too.
    resourceLimits: { stackSizeMb: 8, maxOldGenerationSizeMb: 96 },
  })
  thread.on('message', (said: FromWorker) => {
    if (said.say !== 'admitted') say(said)
    else cache.put(said.module, said.memoryBytesMax, said.admitted, said.bytes)
  })
  // It ends this process, and with it this unit alone: the pool sees to the next ones.
  thread.on('error', (cause) => {
    throw cause
  })
  return thread
}

function run(number: number, task: Task, given: ReadonlyMap<string, Uint8Array>): void {
  const names = [...new Set(task.programs.map(({ module }) => module))]
  const found = names.map((name) => {
    return [name, given.get(name) ?? cache.get(name, task.memoryBytesMax)] as const
  })
  const modules: ToWorker['modules'] = new Map(
    found.flatMap(([name, module]) => (module === undefined ? [] : [[name, module] as const])),
  )
  const lacking = names.filter((name) => !modules.has(name))
  if (lacking.length > 0) {
    waiting = { number, task }
    say({ say: 'lacks', number, modules: lacking })
    return
  }
  const message: ToWorker = { number, task, modules }
  worker.postMessage(message)
}

async function stop(number: number): Promise<void> {
  waiting = undefined
  await worker.terminate()
  say({ say: 'stopped', number })
  worker = begin()
}

function say(said: FromChild): void {
  process.send?.(said)
}
