import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { usualRates } from '../../coordinator/test/cast.ts'
import type { Target } from '../../coordinator/test/scripted-node.ts'
import type { ChainId, Rates } from '../../specs/index.ts'

/** Whether a process can be stopped at a system call here. */
export const canInject = spawnSync('strace', ['-f', '--seccomp-bpf', 'true']).status === 0

/** How the process of a coordinator is begun. */
export interface Beginning {
  /** What `strace` injects, if anything. */
  readonly inject?: string
  readonly args?: readonly string[]
  readonly rates?: Partial<Rates>
}

/** A line of its log. */
interface Line {
  readonly what: string
  readonly [fact: string]: unknown
}

/** What it says when it serves. */
type Said = Target & { readonly chain: ChainId }

const main = fileURLToPath(new URL('../../coordinator/shell/main.ts', import.meta.url))

/** A coordinator in a process of its own, on loopback. */
export class CoordinatorProcess implements AsyncDisposable {
  readonly log: readonly Line[]
  readonly #said: readonly Said[]
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>

  private constructor(child: ChildProcess, said: readonly Said[], log: readonly Line[]) {
    this.#said = said
    this.log = log
    this.#child = child
    this.#closed = once(child, 'close')
  }

  /** Begins it in a directory, and waits until it serves. */
  static async begin(directory: string, beginning: Beginning = {}): Promise<CoordinatorProcess> {
    const { inject, args = [], rates } = beginning
    const strace = ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e']
    const [first = '', ...others] = [
      ...(inject === undefined ? [] : [...strace, `inject=${inject}`]),
      ...[process.execPath, main, '--dir', directory],
      ...['--listen', '/ip4/127.0.0.1/tcp/0'],
      ...['--rates', JSON.stringify({ ...usualRates, ...rates }), ...args],
    ]
    const child = spawn(first, others, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const log: Line[] = []
    const stray: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('{')) log.push(JSON.parse(line))
      else stray.push(line)
    })
    const said: Said[] = []
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => said.push(JSON.parse(line)))
    const served = once(lines, 'line')
    const ended = once(child, 'close').then(() => {
      throw new Error(`it ended at its start: ${stray.join('\n')} ${JSON.stringify(log)}`)
    })
    await Promise.race([served, ended])
    ended.catch(() => 'it has begun, and ends some day')
    return new CoordinatorProcess(child, said, log)
  }

  /** Where it is, as it said last: it may have begun anew. */
  get target(): Target {
    const { mesh, coordinator, addresses } = this.#now
    return { mesh, coordinator, addresses }
  }

  /** Its own chain, as it said last. */
  get chain(): ChainId {
    return this.#now.chain
  }

  get #now(): Said {
    return this.#said.at(-1) as Said
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Sends it a signal, and all that it began: it leads a group. */
  signal(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** Ends it, and all that it began, with a signal; what it ended with. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.signal(signal)
    await this.#closed
    return this.#child.exitCode
  }

  /** Resolves when it ends by itself, with its exit code. */
  async ended(): Promise<number | null> {
    await this.#closed
    return this.#child.exitCode
  }

  /** The last facts that were logged under a name. */
  logged(what: string): Line | undefined {
    return this.log.findLast((line) => line.what === what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.end('SIGKILL')
  }
}
