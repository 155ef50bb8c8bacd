import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../coordinator/shell/main.ts', import.meta.url))

/** A coordinator in a process of its own: it can be killed, and started again where it was. */
export class CoordinatorProcess implements AsyncDisposable {
  readonly #directory: string
  readonly #rates: object
  #listen = '/ip4/127.0.0.1/tcp/0'
  #child: ChildProcess | undefined
  #exit: Promise<unknown> = Promise.resolve()

  constructor(directory: string, rates: object) {
    this.#directory = directory
    this.#rates = rates
  }

  /** Starts it, the second time on the port of the first; gives the invitation to its mesh. */
  async start(): Promise<string> {
    const args = ['--dir', this.#directory, '--name', 'whole', '--listen', this.#listen]
    const child = spawn(
      process.execPath,
      [program, ...args, '--rates', JSON.stringify(this.#rates)],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    this.#child = child
    this.#exit = new Promise((resolve) => child.once('exit', resolve))
    const line = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).once('line', resolve)
    })
    const ended = this.#exit.then(() => {
      throw new Error('the coordinator has ended before it was up')
    })
    const { invitation, addresses } = JSON.parse(await Promise.race([line, ended]))
    this.#listen = String(addresses[0]).replace(/\/p2p\/.*$/, '')
    return String(invitation)
  }

  /** Ends it by a signal, and waits until it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal)
    await this.#exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}
