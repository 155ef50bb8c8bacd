import { type JobId, limits } from '@nexapod/specs'
import type { Ordered } from './heap.ts'

/** More than there will ever be of what the queue counts: what is counted fits below a priority. */
const countsMax = 2 ** 48

/** The level of what is begun of jobs at risk; below it are the priorities. */
export const urgentLevel = limits.priorityMax + 1

/** A rank that puts a higher level first, and within a level what came first. */
export function rankOf(level: number, count: number): number {
  return (urgentLevel - level) * countsMax + count
}

/** A unit that was begun and needs more slots. */
export interface Begun {
  readonly job: Job
  readonly unit: number
  /** Counts all that were ever begun: it came after those with less. */
  readonly seq: number
  readonly level: number
  /** Whether it is of a tail, and waits for a swift node. */
  readonly kept: boolean
  /** How many slots it needs. */
  slots: number
  /** Who has a part in it already. It never grows shorter. */
  held: readonly string[]
  /** Whether it has left the queue. */
  gone: boolean
}

/** What is said of a job when it is admitted. */
export interface Shape {
  readonly id: JobId
  readonly priority: number
  readonly units: number
  /** How many slots a unit has at first. */
  readonly slots: number
  /** What one slot costs its publisher, in milliseconds of one core. */
  readonly cost: number
  /** How many units of its beginning are not fresh any more. */
  readonly from: number
}

/** A job in the queue: a cursor over its units, and those that were begun and need something. */
export class Job implements Ordered {
  readonly id: JobId
  readonly priority: number
  readonly units: number
  readonly slots: number
  readonly cost: number
  readonly tie: number
  readonly order: number
  index = -1
  /** Whether it is behind the pace that its deadline asks for. */
  urgent = false
  /** The tail is kept for swift nodes, until it has waited long enough. */
  tail: 'ahead' | 'kept' | 'over' = 'ahead'
  readonly #tailUnits: number
  #next: number
  // Most jobs are small and have none of these: a hundred thousand empty maps are 20 MB.
  #begun: Map<number, Begun> | undefined
  /** Units beyond the cursor that were begun all the same. */
  #skipped: Set<number> | undefined

  constructor(shape: Shape, seq: number, tailUnits: number) {
    this.id = shape.id
    this.priority = shape.priority
    this.units = shape.units
    this.slots = shape.slots
    this.cost = shape.cost
    this.tie = seq
    this.order = rankOf(shape.priority, seq)
    this.#tailUnits = tailUnits
    this.#next = shape.from
  }

  /** How many units were never leased. */
  get fresh(): number {
    return this.units - this.#next - (this.#skipped?.size ?? 0)
  }

  /** Whether its last few units are all that is left to begin. A small job has no tail. */
  get isTail(): boolean {
    return this.fresh <= this.#tailUnits && this.#tailUnits > 0
  }

  /** Takes out all units that were begun. */
  empty(): Iterable<Begun> {
    const begun = this.#begun?.values() ?? []
    this.#begun = undefined
    return begun
  }

  get begunCount(): number {
    return this.#begun?.size ?? 0
  }

  begunAt(unit: number): Begun | undefined {
    return this.#begun?.get(unit)
  }

  put(begun: Begun): void {
    this.#begun ??= new Map()
    this.#begun.set(begun.unit, begun)
  }

  /** Takes out a unit that was begun, unless it was put in anew. */
  remove(begun: Begun): void {
    if (this.#begun?.get(begun.unit) === begun) this.#begun.delete(begun.unit)
  }

  isFresh(unit: number): boolean {
    return unit >= this.#next && !this.#skipped?.has(unit)
  }

  /** The next fresh unit, which is then begun. */
  take(): number {
    const unit = this.#next++
    this.#pass()
    return unit
  }

  /** Begins a fresh unit out of its turn. */
  skip(unit: number): void {
    this.#skipped ??= new Set()
    this.#skipped.add(unit)
    this.#pass()
  }

  #pass(): void {
    while (this.#skipped?.delete(this.#next)) this.#next++
  }
}
