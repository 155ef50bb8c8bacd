import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Task } from '../run/task.ts'
import { startChild } from './child-process.ts'
import type { Done, FromChild, Numbered, ToChild } from './message.ts'

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

/**
 * How a run ended that gave nothing. What ended `beside` others was alone with them in its child:
 * one of them ended it, and nobody knows which.
 */
export type Lost = 'memory' | 'killed' | 'unavailable' | 'beside'

interface Running {
  readonly listening: Listening
  readonly settle: (done: Done | { readonly lost: Lost }) => void
}

/** A child process that runs tasks, one after the other. */
export class Child {
  readonly ready: Promise<void>
  readonly ended: Promise<void>
  readonly #process: ChildProcess
  readonly #running = new Map<number, Running>()
  /** What was not said yet: what comes in one tick is one message. */
  #outbox: Numbered[] = []
  /** Set when it was told to stop: what it gave before it heard that is given up. */
  #late: NodeJS.Timeout | undefined
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
      const over = (signal: NodeJS.Signals | null) => {
        this.#isEnded = true
        this.#lose(signal)
        this.#onReady()
        resolve()
      }
      this.#process.on('exit', (_, signal) => over(signal))
      this.#process.on('error', (cause) => {
        // A channel that breaks while something is written to it belongs to a child that ends.
        this.#words = `${this.#words}${cause}`.slice(-wordsMax)
        // What was never begun ends without an exit: the system has no room for it.
        if (this.#process.pid === undefined) over(null)
      })
    })
    this.#process.on('message', (said: FromChild) => this.#hear(said))
    this.#process.stderr?.on('data', (bytes: Buffer) => {
      this.#words = `${this.#words}${bytes}`.slice(-wordsMax)
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

  /** How many tasks it has not answered. */
  get tasks(): number {
    return this.#running.size
  }

  /** Whether it would run another task behind those that it has. */
  get takesMore(): boolean {
    return !this.#isEnded && !this.#killed && this.#late === undefined
  }

  /** Runs a task behind those that it has; not while it is being stopped. */
  run(task: Task, listening: Listening): Promise<Done | { readonly lost: Lost }> {
    if (this.#late !== undefined) throw new Error('a child that stops takes no task')
    return new Promise((settle) => {
      const number = ++this.#count
      this.#running.set(number, { listening, settle })
      if (this.#isEnded) this.#loseAll('unavailable')
      this.#outbox.push({ number, task })
      if (this.#outbox.length === 1) process.nextTick(() => this.#flush())
    })
  }

  /** Ends what runs, and all behind it: the thread first, and the process if that does not obey. */
  end(): void {
    if (this.#running.size === 0) return
    if (this.#stopped) {
      this.kill()
      return
    }
    if (this.#late !== undefined) return
    this.#flush()
    this.#late = setTimeout(() => this.kill(), obeyMs)
    this.#say({ say: 'stop', number: this.#count })
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
    if (said.say === 'stopped') this.#loseAll('killed')
    else if (said.say === 'log')
      this.#running.get(said.number)?.listening.onLog(said.stream, said.bytes)
    else if (said.say === 'lacks') void this.#give(said.numbers, said.modules)
    else if (this.#late === undefined) {
      for (const { number, done } of said.all) this.#settle(number, done)
    }
  }

  async #give(numbers: readonly number[], names: readonly string[]): Promise<void> {
    const modules = new Map<string, Uint8Array>()
    const [number = 0] = numbers
    const listening = this.#running.get(number)?.listening
    for (const name of names) {
      const bytes = await listening?.module(name)
      if (bytes !== undefined) modules.set(name, bytes)
    }
    if (modules.size < names.length) {
      for (const one of numbers) this.#settle(one, { lost: 'unavailable' })
    }
    if (this.#late === undefined) this.#say({ say: 'modules', number, modules })
  }

  /** It ended in the middle: the kernel or its own allocator when there was no memory. */
  #lose(signal: NodeJS.Signals | null): void {
    if (this.#killed) this.#loseAll('killed')
    else this.#loseAll(signal === 'SIGKILL' || signal === 'SIGABRT' ? 'memory' : 'unavailable')
  }

  /** Of several nobody knows which it was: none of them is to blame. */
  #loseAll(lost: Lost): void {
    clearTimeout(this.#late)
    this.#late = undefined
    this.#outbox = []
    const why = this.#running.size > 1 ? 'beside' : lost
    for (const number of [...this.#running.keys()]) this.#settle(number, { lost: why })
  }

  #settle(number: number, done: Done | { readonly lost: Lost }): void {
    const running = this.#running.get(number)
    this.#running.delete(number)
    running?.settle(done)
  }

  #flush(): void {
    const tasks = this.#outbox
    this.#outbox = []
    if (tasks.length > 0) this.#say({ say: 'run', tasks })
  }

  #say(said: ToChild): void {
    if (this.#process.connected) this.#process.send(said)
  }
}
