import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { FromChild, FromWorker, Numbered, ToChild, ToWorker } from './message.ts'
import { ModuleCache } from './module-cache.ts'

/**
 * The main thread of a child of the pool: it hears what the pool says at any time, and so ends when
 * nobody is there any more to say something. Modules run in the thread below.
 */
const cache = new ModuleCache()
/** Tasks whose modules are not here yet, by the first of their numbers. */
const waiting = new Map<number, readonly Numbered[]>()
let worker = beginWorker()

process.on('message', (said: ToChild) => {
  if (said.say === 'stop') void stop(said.number)
  else if (said.say === 'run') begin(said.tasks)
  else {
    const tasks = waiting.get(said.number) ?? []
    waiting.delete(said.number)
    // What is still lacking is nowhere: the pool knows, and waits for nothing.
    if (tasks.length > 0) run(tasks, said.modules)
  }
})

process.on('disconnect', () => void worker.terminate())

function beginWorker(): Worker {
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

/** Tasks that may have their memory in common go to the worker together. */
function begin(all: readonly Numbered[]): void {
  for (const tasks of Map.groupBy(all, ({ task }) => task.memoryBytesMax).values()) {
    const lacking = run(tasks, new Map())
    if (lacking.length === 0) continue
    const numbers = tasks.map(({ number }) => number)
    waiting.set(numbers[0] ?? 0, tasks)
    say({ say: 'lacks', numbers, modules: lacking })
  }
}

/** Runs tasks with the modules that are here or given; or tells which are not. */
function run(
  tasks: readonly Numbered[],
  given: ReadonlyMap<string, Uint8Array>,
): readonly string[] {
  const memoryBytesMax = tasks[0]?.task.memoryBytesMax ?? 0
  const programs = tasks.flatMap(({ task }) => task.programs)
  const names = [...new Set(programs.map(({ module }) => module))]
  const found = names.map((name) => {
    return [name, given.get(name) ?? cache.get(name, memoryBytesMax)] as const
  })
  const modules: ToWorker['modules'] = new Map(
    found.flatMap(([name, module]) => (module === undefined ? [] : [[name, module] as const])),
  )
  const lacking = names.filter((name) => !modules.has(name))
  const message: ToWorker = { tasks, modules }
  if (lacking.length === 0) worker.postMessage(message)
  return lacking
}

async function stop(number: number): Promise<void> {
  waiting.clear()
  await worker.terminate()
  say({ say: 'stopped', number })
  worker = beginWorker()
}

function say(said: FromChild): void {
  process.send?.(said)
}
