import { setFlagsFromString } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { admit } from '../run/module.ts'
import { type Module, run } from '../run/run.ts'
import type { Failed } from '../run/task.ts'
import { LogBuffer } from './log-buffer.ts'
import type { Done, FromWorker, ToWorker } from './message.ts'

/** The thread that runs modules: whatever it is caught in, the main thread can end it. */
parentPort?.on('message', ({ number, task, modules }: ToWorker) => {
  const before = process.threadCpuUsage()
  const log = new LogBuffer((stream, bytes) => say({ say: 'log', number, stream, bytes }))
  const ready = new Map<string, Module>()
  let failed: Failed | undefined
  for (const [name, given] of modules) {
    if (!(given instanceof Uint8Array)) {
      ready.set(name, given)
      continue
    }
    const { memoryBytesMax } = task
    const admitted = admit(given, memoryBytesMax)
    if ('failed' in admitted) {
      failed = { type: 'failed', reason: admitted.failed }
      break
    }
    const { module, refusal } = admitted
    if (refusal !== undefined) log.write(2, new TextEncoder().encode(`${refusal}\n`))
    ready.set(name, module)
    say({ say: 'admitted', module: name, memoryBytesMax, admitted: module, bytes: given.length })
  }
  const ran = failed ?? run(task, ready, (stream, bytes) => log.write(stream, bytes))
  log.flush()
  const { user, system } = process.threadCpuUsage(before)
  const done: Done = { ran, cpuMs: Math.round((user + system) / 1000) }
  say({ say: 'done', number, done }, ran.type === 'ran' ? buffersOf(done) : [])
})

// A loop that never returns would stay in the code of V8's first compiler, half as fast as the
// other. Set here and not for the process: what loads this file is compiled faster by the first.
setFlagsFromString('--no-liftoff')
say({ say: 'ready' })

function say(said: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(said, transfer)
}

/** What an output lies in goes along as it is; an input that is an output too is copied. */
function buffersOf({ ran }: Done): ArrayBuffer[] {
  if (ran.type !== 'ran') return []
  const files = ran.outputs.flatMap((output) => output.files)
  const buffers = files.map(({ bytes }) => bytes.buffer)
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer)
}
