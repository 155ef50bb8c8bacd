import type { Ran, Task } from '../run/task.ts'
import { Brake } from './brake.ts'
import { Child } from './child-slot.ts'
import { Guard } from './guard.ts'
import { standBehind } from './priority.ts'
import { Shift, type Times } from './shift.ts'

/** How long a child waits for the next task until it goes: it holds some tens of megabytes. */
const idleMs = 60_000

/** What came of a task in the pool. */
export type Returned =
  | {
      readonly type: 'ran'
      readonly ran: Ran
      readonly cpuMs: number
      readonly wallMs: number
    }
  | {
      readonly type: 'failed'
      /** `beside` it another ended all that ran in its lane, or it itself did: it may run alone. */
      readonly reason: 'timeout' | 'memory' | 'killed' | 'unavailable' | 'beside'
    }

/** What a run takes beside its task. */
export interface RunOptions extends Times {
  /** What it is called by `freeze` and `thaw`. */
  readonly key: string
  /** Short tasks of one job under this name run in one lane, in one child. */
  readonly lane?: string
}

interface Idle {
  readonly child: Child
  readonly timer: NodeJS.Timeout
}

/**
 * Child processes that run tasks, one at a time each: as many as there are tasks, and no more than
 * were allowed. What happens to one of them is a failure of its task alone; where short tasks share
 * a lane, it is no failure, and each may run again without the others.
 */
export class Pool {
  readonly #childrenMax: number
  readonly #flags: readonly string[] | undefined
  readonly #idle: Idle[] = []
  readonly #shifts = new Map<string, Promise<Shift | undefined>>()
  readonly #active = new Map<string, Shift>()
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

  /** Runs a task as soon as there is a child for it, or behind those of its lane. */
  async run(task: Task, options: RunOptions): Promise<Returned> {
    const { key, signal } = options
    const shift = await this.#shiftOf(options)
    if (shift === undefined) return { type: 'failed', reason: 'killed' }
    const { child } = shift
    if (signal.aborted || !child.takesMore || shift.isOver) {
      this.#leave(shift, options)
      const reason = child.isEnded ? 'unavailable' : 'beside'
      return { type: 'failed', reason: signal.aborted ? 'killed' : reason }
    }
    this.#active.set(key, shift)
    this.#brake.add(child)
    if (this.#still.has(key)) this.freeze(key)
    const worked = await shift.run(key, task, options)
    this.#active.delete(key)
    this.#still.delete(key)
    this.#leave(shift, options)
    if ('lost' in worked) return { type: 'failed', reason: worked.lost }
    const { ran, cpuMs, wallMs } = worked
    return ran.type === 'ran' ? { type: 'ran', ran, cpuMs, wallMs } : ran
  }

  /** Lets a run stand still, with its lane: it keeps its memory, and its time does not go on. */
  freeze(key: string): void {
    this.#still.add(key)
    const shift = this.#active.get(key)
    if (shift === undefined) return
    this.#watch()
    shift.stop()
    this.#brake.freeze(shift.child)
  }

  thaw(key: string): void {
    this.#still.delete(key)
    const shift = this.#active.get(key)
    if (shift === undefined || [...shift.keys].some((one) => this.#still.has(one))) return
    shift.go()
    this.#brake.thaw(shift.child)
  }

  /** Gives each run this share of a core. */
  pace(cpuPercent: number): void {
    if (cpuPercent < 100) this.#watch()
    this.#brake.pace(cpuPercent)
    this.#cpuPercent = cpuPercent
    for (const shift of this.#active.values()) shift.pace(cpuPercent)
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

  /** The shift of a lane that there is already, or one with the next child that is free. */
  async #shiftOf({ lane, signal }: RunOptions): Promise<Shift | undefined> {
    const begun = lane === undefined ? undefined : this.#shifts.get(lane)
    if (begun !== undefined) {
      const shift = await begun
      if (shift?.child.takesMore && !shift.isOver) return shift
    }
    const beginning = this.#take(signal).then((child) => {
      return child && new Shift(child, this.#cpuPercent)
    })
    if (lane !== undefined) this.#shifts.set(lane, beginning)
    return await beginning
  }

  /** A run of a shift is over; after the last of them its child is free. */
  #leave(shift: Shift, { lane }: RunOptions): void {
    const { child } = shift
    if (child.tasks > 0 || shift.isOver) return
    shift.close()
    if (lane !== undefined) this.#shifts.delete(lane)
    this.#brake.thaw(child)
    this.#brake.remove(child)
    this.#release(child)
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
