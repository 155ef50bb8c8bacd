import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Host } from '../road/netns.ts'

/** A process of this folder on a host, which is told things and tells things. */
export class Errand<Order extends object> implements AsyncDisposable {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Begins one; it is there when this resolves. */
  static async begin<Order extends object, Said>(
    host: Host,
    program: string,
    args: readonly string[],
    down: (why: string) => void,
    heard: (said: Said) => void,
  ): Promise<Errand<Order>> {
    const path = fileURLToPath(new URL(program, import.meta.url))
    const [command = '', ...rest] = [...host.command, process.execPath, path, ...args]
    const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const gone = once(child, 'exit').then(() => {
      throw new Error(`${program} has ended at its start`)
    })
    await Promise.race([once(child, 'message'), gone])
    gone.catch(() => 'it has begun, and ends some day')
    child.on('message', (said: Said) => heard(said))
    child.once('exit', (code) => down(`it ended by itself, with ${code}`))
    return new Errand(child)
  }

  tell(order: Order): void {
    this.#child.send(order)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.removeAllListeners('exit')
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
