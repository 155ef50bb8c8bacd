import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Task } from '../run/task.ts'
import { startChild } from './child-process.ts'
import type { Done, FromChild, ToChild } from './message.ts'

/** From a stop to the answer of a child; then it is killed. */
const obeyMs = 1000
/** Whether the system can let a process stand still. */
const canStop = process.platform !== 'win32'
/** In which Linux counts for all programs, whatever it counts in itself. */
const msPerTick = 10
/** How much is kept of what a child says before it dies. */
const wordsMax = 2000

/** What a run is told of. */
export interface Listening {
  /** The bytes of a module that this child did not keep, if they can be had. */
  readonly module: (name: string) => Promise<Uint8Array | undefined>
  readonly onLog: (stream: 1 | 2, bytes: Uint8Array) => void
}

/** How a run ended that gave nothing. */
export type Lost = 'memory' | 'killed' | 'unavailable'

interface Running {
  readonly number: number
  readonly listening: Listening
  readonly settle: (done: Done | { readonly lost: Lost }) => void
  /** Set when it was told to stop: what it gave before it heard that is given up. */
  late?: NodeJS.Timeout
}

/** A child process that runs one task at a time. */
export class Child {
  readonly ready: Promise<void>
  readonly ended: Promise<void>
  readonly #process: ChildProcess
  #running: Running | undefined
  #count = 0
  #isEnded = false
  #stopped = false
  #killed = false
  #words = ''
  #onReady: () => void = () => undefined

  constructor(flags?: readonly string[]) {
    this.#process = startChild(flags)
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#process.on('exit', (_, signal) => {
        this.#isEnded = true
        this.#lose(signal)
        this.#onReady()
        resolve()
      })
    })
    this.#process.on('message', (said: FromChild) => this.#hear(said))
    this.#process.stderr?.on('data', (bytes: Buffer) => {
      this.#words = `${this.#words}${bytes}`.slice(-wordsMax)
    })
    // A channel that breaks while something is written to it belongs to a child that ends.
    this.#process.on('error', (cause) => {
      this.#words = `${this.#words}${cause}`.slice(-wordsMax)
    })
  }

  get pid(): number | undefined {
    return this.#isEnded ? undefined : this.#process.pid
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** What it said before it died, for who looks for the reason. */
  get words(): string {
    return this.#words
  }

  run(task: Task, listening: Listening): Promise<Done | { readonly lost: Lost }> {
    if (this.#running !== undefined) throw new Error('a child runs one task at a time')
    return new Promise((settle) => {
      const number = ++this.#count
      this.#running = { number, listening, settle }
      if (this.#isEnded) this.#settle({ lost: 'unavailable' })
      this.#say({ say: 'run', number, task })
    })
  }

  /** Ends what runs: the thread first, and the process if that does not obey. */
  end(): void {
    const running = this.#running
    if (running === undefined) return
    if (this.#stopped) {
      this.kill()
      return
    }
    if (running.late !== undefined) return
    running.late = setTimeout(() => this.kill(), obeyMs)
    this.#say({ say: 'stop', number: running.number })
  }

  kill(): void {
    this.#killed = true
    this.#process.kill('SIGKILL')
  }

  /** Lets it end by itself: it has nobody to hear any more. */
  close(): void {
    if (this.#stopped) this.kill()
    else if (this.#process.connected) this.#process.disconnect()
  }

  stop(): void {
    if (!canStop || this.#stopped || this.#isEnded) return
    this.#stopped = true
    this.#process.kill('SIGSTOP')
  }

  go(): void {
    if (!this.#stopped || this.#isEnded) return
    this.#stopped = false
    this.#process.kill('SIGCONT')
  }

  /** What it has used of processors; undefined where the system does not show that. */
  cpuMs(): number | undefined {
    const { pid } = this
    if (pid === undefined || process.platform !== 'linux') return undefined
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return msPerTick * (Number(fields[11]) + Number(fields[12]))
    } catch (cause) {
      // It has ended, and nobody has told so yet.
      if (cause instanceof Error && 'code' in cause) return undefined
      throw cause
    }
  }

  #hear(said: FromChild): void {
    if (said.say === 'ready') {
      this.#onReady()
      return
    }
    const running = this.#running
    // What was said before a stop may still be on its way.
    if (running?.number !== said.number) return
    const { listening } = running
    if (said.say === 'log') listening.onLog(said.stream, said.bytes)
    else if (said.say === 'lacks') void this.#give(running, said.modules)
    else if (said.say === 'stopped') this.#settle({ lost: 'killed' })
    else if (running.late === undefined) this.#settle(said.done)
  }

  async #give({ number, listening }: Running, names: readonly string[]): Promise<void> {
    const modules = new Map<string, Uint8Array>()
    for (const name of names) {
      const bytes = await listening.module(name)
      if (bytes !== undefined) modules.set(name, bytes)
    }
    if (modules.size < names.length) this.#settle({ lost: 'unavailable' })
    else if (this.#running?.number === number) this.#say({ say: 'modules', number, modules })
  }

  /** It ended in the middle: the kernel or its own allocator when there was no memory. */
  #lose(signal: NodeJS.Signals | null): void {
    if (this.#killed) this.#settle({ lost: 'killed' })
    else
      this.#settle({
        lost: signal === 'SIGKILL' || signal === 'SIGABRT' ? 'memory' : 'unavailable',
      })
  }

  #settle(done: Done | { readonly lost: Lost }): void {
    const running = this.#running
    this.#running = undefined
    clearTimeout(running?.late)
    running?.settle(done)
  }

  #say(said: ToChild): void {
    if (this.#process.connected) this.#process.send(said)
  }
}
