import { Clock } from '../../clock.ts'
import type { Ran, Task } from '../run/task.ts'
import { Brake } from './brake.ts'
import { Child, type Listening } from './child-slot.ts'
import { Guard } from './guard.ts'
import { standBehind } from './priority.ts'

/** How long a child waits for the next task until it goes: it holds some tens of megabytes. */
const idleMs = 60_000

/** What came of a task in the pool. */
export type Returned =
  | { readonly type: 'ran'; readonly ran: Ran; readonly cpuMs: number }
  | {
      readonly type: 'failed'
      readonly reason: 'timeout' | 'memory' | 'killed' | 'unavailable'
    }

/** What a run takes beside its task. */
export interface RunOptions extends Listening {
  /** What it is called by `freeze` and `thaw`. */
  readonly key: string
  /** How long it may run, with all of a core. What it stands still does not count. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

interface Idle {
  readonly child: Child
  readonly timer: NodeJS.Timeout
}

interface Active {
  readonly child: Child
  readonly clock: Clock
}

/**
 * Child processes that run tasks, one each at a time: as many as there are tasks, and no more than
 * were allowed. What happens to one of them is a failure of its task alone.
 */
export class Pool {
  readonly #childrenMax: number
  readonly #flags: readonly string[] | undefined
  readonly #idle: Idle[] = []
  readonly #active = new Map<string, Active>()
  /** Runs that are to stand still, also those that no child has begun yet. */
  readonly #still = new Set<string>()
  readonly #waiting: (() => void)[] = []
  readonly #children = new Set<Child>()
  readonly #brake = new Brake()
  readonly #guard = new Guard()
  #cpuPercent = 100
  #isBehind = false

  constructor(childrenMax: number, flags?: readonly string[]) {
    this.#childrenMax = childrenMax
    this.#flags = flags
  }

  /** Runs a task as soon as there is a child for it. */
  async run(task: Task, options: RunOptions): Promise<Returned> {
    const { key, deadlineMs, signal } = options
    const child = await this.#take(signal)
    if (child === undefined) return { type: 'failed', reason: 'killed' }
    if (signal.aborted || child.isEnded) {
      this.#release(child)
      return { type: 'failed', reason: signal.aborted ? 'killed' : 'unavailable' }
    }
    let timedOut = false
    const over = () => {
      timedOut = true
      child.end()
    }
    const clock = new Clock(deadlineMs, over, this.#cpuPercent)
    const abort = () => child.end()
    signal.addEventListener('abort', abort)
    this.#active.set(key, { child, clock })
    this.#brake.add(child)
    if (this.#still.has(key)) this.freeze(key)
    try {
      const done = await child.run(task, options)
      if ('lost' in done) {
        const reason = done.lost === 'killed' && timedOut ? 'timeout' : done.lost
        return { type: 'failed', reason }
      }
      const { ran, cpuMs } = done
      return ran.type === 'ran' ? { type: 'ran', ran, cpuMs } : ran
    } finally {
      signal.removeEventListener('abort', abort)
      clock.stop()
      this.#brake.thaw(child)
      this.#brake.remove(child)
      this.#active.delete(key)
      this.#still.delete(key)
      this.#release(child)
    }
  }

  /** Lets a run stand still: it keeps its memory, and its time does not go on. */
  freeze(key: string): void {
    this.#still.add(key)
    const active = this.#active.get(key)
    if (active === undefined) return
    this.#watch()
    active.clock.stop()
    this.#brake.freeze(active.child)
  }

  thaw(key: string): void {
    this.#still.delete(key)
    const active = this.#active.get(key)
    if (active === undefined) return
    active.clock.start()
    this.#brake.thaw(active.child)
  }

  /** Gives each run this share of a core. */
  pace(cpuPercent: number): void {
    if (cpuPercent < 100) this.#watch()
    this.#brake.pace(cpuPercent)
    this.#cpuPercent = cpuPercent
    for (const { clock } of this.#active.values()) clock.pace(cpuPercent)
  }

  /** Puts all children, and those to come, behind whatever else wants a processor. */
  standBehind(): void {
    this.#isBehind = true
    for (const pid of this.pids) standBehind(pid)
  }

  /** The processes that there are now. */
  get pids(): number[] {
    return [...this.#children].flatMap(({ pid }) => pid ?? [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#brake.close()
    for (const { timer } of this.#idle) clearTimeout(timer)
    for (const { child } of this.#active.values()) child.kill()
    for (const child of this.#children) child.close()
    await Promise.all([...this.#children].map(({ ended }) => ended))
    this.#guard.close()
  }

  async #take(signal: AbortSignal): Promise<Child | undefined> {
    while (!signal.aborted) {
      const idle = this.#idle.pop()
      if (idle !== undefined) {
        clearTimeout(idle.timer)
        if (!idle.child.isEnded) return idle.child
        continue
      }
      if (this.#children.size < this.#childrenMax) return await this.#begin()
      await this.#turn(signal)
    }
    // What woke this one up is for the next.
    this.#waiting.shift()?.()
    return undefined
  }

  /** Waits until a child may be free, or nobody wants one any more. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const drop = () => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1)
        resolve()
      }
      const wake = () => {
        signal.removeEventListener('abort', drop)
        resolve()
      }
      this.#waiting.push(wake)
      signal.addEventListener('abort', drop, { once: true })
    })
  }

  async #begin(): Promise<Child> {
    const child = new Child(this.#flags)
    this.#children.add(child)
    if (this.#isBehind && child.pid !== undefined) standBehind(child.pid)
    void child.ended.then(() => {
      this.#children.delete(child)
      this.#tellGuard()
      this.#waiting.shift()?.()
    })
    this.#tellGuard()
    await child.ready
    return child
  }

  #release(child: Child): void {
    if (child.isEnded) return
    const timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(idle), 1)
      child.close()
    }, idleMs)
    const idle = { child, timer }
    this.#idle.push(idle)
    this.#waiting.shift()?.()
  }

  #watch(): void {
    if (process.platform !== 'win32') this.#guard.watch(this.pids)
  }

  #tellGuard(): void {
    if (this.#guard.stands) this.#guard.watch(this.pids)
  }
}
