import { Clock } from '../../clock.ts'
import type { Task } from '../run/task.ts'
import type { Child, Listening, Lost } from './child-slot.ts'
import type { Done } from './message.ts'

/**
 * How long tasks in one lane may say nothing: they were taken for short, and each may have a child
 * of its own instead.
 */
const laneMs = 1000

/** What came of a task in a shift: what ended it may have been the time that it had. */
export type Worked = Done | { readonly lost: Lost | 'timeout' }

/** What a task in a shift takes beside its listening. */
export interface Times extends Listening {
  /** How long it may run, with all of a core. What it stands still does not count. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/**
 * A child at work, until all that it was given is answered: one task, or a lane of short ones. Of a
 * lane one may end all, and then all but that which was to be ended are `beside`.
 */
export class Shift {
  readonly child: Child
  readonly keys = new Set<string>()
  #clock: Clock | undefined
  #timedOut = false
  #isStill = false
  #isOver = false
  #deadlineMs = 0

  #cpuPercent: number

  constructor(child: Child, cpuPercent: number) {
    this.child = child
    this.#cpuPercent = cpuPercent
  }

  async run(key: string, task: Task, times: Times): Promise<Worked> {
    const { child } = this
    const { deadlineMs, signal } = times
    const abort = () => child.end()
    signal.addEventListener('abort', abort)
    this.keys.add(key)
    // Those of a lane are of one job, and may take the same time.
    this.#deadlineMs = deadlineMs
    const running = child.run(task, times)
    this.#wind()
    const done = await running
    this.keys.delete(key)
    signal.removeEventListener('abort', abort)
    if (!('lost' in done)) {
      this.#wind()
      return done
    }
    if (signal.aborted && (done.lost === 'beside' || done.lost === 'killed')) {
      return { lost: 'killed' }
    }
    return { lost: done.lost === 'killed' && this.#timedOut ? 'timeout' : done.lost }
  }

  /** What stands still needs no time. */
  stop(): void {
    this.#isStill = true
    this.#clock?.stop()
  }

  go(): void {
    this.#isStill = false
    this.#clock?.start()
  }

  /** Its child is given this share of a core from now on. */
  pace(cpuPercent: number): void {
    this.#cpuPercent = cpuPercent
    this.#clock?.pace(cpuPercent)
  }

  /** Whether its child is another's by now. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Nothing of it runs any more. */
  close(): void {
    this.#isOver = true
    this.#clock?.stop()
  }

  /** Whoever runs now has begun no earlier than now, or has its time for itself soon. */
  #wind(): void {
    this.#clock?.stop()
    const { tasks } = this.child
    if (tasks === 0) return
    const ms = tasks > 1 ? Math.min(laneMs, this.#deadlineMs) : this.#deadlineMs
    const over = () => {
      this.#timedOut = true
      this.child.end()
    }
    this.#clock = new Clock(ms, over, this.#cpuPercent)
    if (this.#isStill) this.#clock.stop()
  }
}
