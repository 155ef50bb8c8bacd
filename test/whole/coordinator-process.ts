import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ChainId, CoordinatorId, MeshId } from '../../specs/index.ts'

const program = fileURLToPath(new URL('../../coordinator/shell/main.ts', import.meta.url))

/** What a coordinator says of itself when it is up. */
export interface Said {
  readonly mesh: MeshId
  readonly coordinator: CoordinatorId
  readonly chain: ChainId
  readonly addresses: readonly string[]
  readonly invitation: string
  readonly http?: string
}

/** Where a coordinator is to be, if not simply on this machine. */
export interface Place {
  /** The command that runs the rest of its line there. */
  readonly through: readonly string[]
  readonly listen: string
  /** Takes each line that it logs. */
  logged(line: string): void
}

/** A coordinator in a process of its own: it can be killed, and started again where it was. */
export class CoordinatorProcess implements AsyncDisposable {
  /** What it logged as an error. */
  readonly errors: string[] = []
  readonly #directory: string
  readonly #rates: object
  readonly #more: readonly string[]
  readonly #place: Place | undefined
  #listen = '/ip4/127.0.0.1/tcp/0'
  #child: ChildProcess | undefined
  #exit: Promise<unknown> = Promise.resolve()

  constructor(directory: string, rates: object, more: readonly string[] = [], place?: Place) {
    this.#directory = directory
    this.#rates = rates
    this.#more = more
    this.#place = place
    if (place !== undefined) this.#listen = place.listen
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** Starts it, the second time on the port of the first; gives the invitation to its mesh. */
  async start(): Promise<string> {
    return (await this.begin()).invitation
  }

  /** Starts it, and gives all that it says of itself. */
  async begin(): Promise<Said> {
    const args = ['--dir', this.#directory, '--name', 'whole', '--listen', this.#listen]
    const { through, logged } = this.#place ?? { through: [] }
    const [command = '', ...rest] = [...through, process.execPath, program, ...args]
    const last = ['--rates', JSON.stringify(this.#rates), ...this.#more]
    const child = spawn(command, [...rest, ...last], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    createInterface({ input: child.stderr }).on('line', (line) => {
      logged?.(line)
      if (!line.startsWith('{') || line.includes('"level":"error"')) this.errors.push(line)
    })
    this.#exit = new Promise((resolve) => child.once('exit', resolve))
    const line = new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).once('line', resolve)
    })
    // Once all that it said has been read.
    const ended = new Promise((resolve) => child.once('close', resolve)).then(() => {
      const why = this.errors.slice(-2).join(' ')
      throw new Error(`the coordinator has ended before it was up: ${why}`)
    })
    const said: Said = JSON.parse(await Promise.race([line, ended]))
    if (this.#place === undefined) {
      this.#listen = String(said.addresses[0]).replace(/\/p2p\/.*$/, '')
    }
    return said
  }

  /** What it exits with, when it is gone; null where a signal ended it. */
  async gone(): Promise<number | null> {
    await this.#exit
    return this.#child?.exitCode ?? null
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
