import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Done, Order } from './side.ts'

/** A process of its own that moves data. */
export class Side implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor(flags: readonly string[] = []) {
    this.#child = fork(join(import.meta.dirname, 'side.ts'), { execArgv: [...flags] })
  }

  /** Has it do something, and tells how far it is, where it says so. */
  async tell(order: Order, onBytes?: (bytes: number) => void): Promise<Done> {
    const child = this.#child
    child.send(order)
    return await new Promise((resolve, reject) => {
      const heard = (said: Done) => {
        if (said.text === undefined) return onBytes?.(said.bytes ?? 0)
        child.off('message', heard)
        child.off('exit', gone)
        resolve(said)
      }
      const gone = () => reject(new Error(`the process is gone at: ${order.do}`))
      child.on('message', heard)
      child.once('exit', gone)
    })
  }

  /** Ends it as a loss of power of this process alone would. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.send('end')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2000)
    await gone
    clearTimeout(timer)
  }
}
