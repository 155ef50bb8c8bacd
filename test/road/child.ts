import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { PeerId } from '../../specs/index.ts'
import type { Order, ProcessConfig } from './process.ts'

const program = fileURLToPath(new URL('process.ts', import.meta.url))

/** A mesh in a process of its own. */
export interface Child extends AsyncDisposable {
  readonly peer: PeerId
  readonly addresses: readonly string[]
  /** Lets it do something, and says what came of it. */
  order<T>(order: Order): Promise<T>
}

/** Starts one, by a command that runs the rest of its line: a namespace, a trace. */
export async function child(config: ProcessConfig, before: readonly string[] = []): Promise<Child> {
  const [command, ...args] = [...before, process.execPath, program, JSON.stringify(config)]
  const running = spawn(command as string, args)
  const faults: string[] = []
  running.stderr.on('data', (chunk) => faults.push(String(chunk)))
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { done, value } = await lines.next()
    if (done) throw new Error(`a child ended: ${faults.join('')}`)
    return JSON.parse(value)
  }
  const { peer, addresses } = await next()
  return {
    peer,
    addresses,
    async order(order) {
      running.stdin.write(`${JSON.stringify(order)}\n`)
      return next()
    },
    async [Symbol.asyncDispose]() {
      if (running.exitCode !== null) return
      const ended = once(running, 'exit')
      running.stdin.write(`${JSON.stringify({ do: 'close' } satisfies Order)}\n`)
      const late = setTimeout(() => running.kill('SIGKILL'), 10_000)
      await next()
      // It is closed. What the library still counts down to would keep it for seconds.
      running.kill('SIGKILL')
      await ended
      clearTimeout(late)
    },
  }
}

/** Waits until something is so. */
export async function until(is: () => Promise<boolean>, ms = 30_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await is())) {
    if (performance.now() > end) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
