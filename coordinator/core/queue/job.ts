import { type JobId, limits } from '@nexapod/specs'
import type { Trust } from '../match/needs.ts'
import type { Wanted } from '../verdict/vote.ts'
import type { Ordered } from './heap.ts'

/** More than there will ever be of what the queue counts: what is counted fits below a priority. */
const countsMax = 2 ** 46

/** The level of what is begun of jobs at risk; below it are the priorities. */
export const urgentLevel = limits.priorityMax + 1

/** The hardest to find: the mesh's own, of one platform. */
const hardestMax = 3

/** How hard somebody is to find whom an execution is for. */
export function hardnessOf({ trust, platform }: Pick<Kind, 'trust' | 'platform'>): number {
  return trust + (platform === undefined ? 0 : 1)
}

/** A rank that puts a higher level first, and within a level what came first. */
function rankOf(level: number, count: number): number {
  return (urgentLevel - level) * countsMax + count
}

/** The same below what is harder: of a list of a kind, by the first that came into it. */
export function rankOfKind(kind: Kind, count: number): number {
  const softer = hardestMax - hardnessOf(kind)
  return rankOf(kind.level - softer * (urgentLevel + 1), count)
}

/** What the executions have in common that wait in one list. */
export interface Kind {
  readonly level: number
  /** Whether they are of tails, and wait for swift nodes. */
  readonly kept: boolean
  readonly trust: Trust
  readonly platform: string | undefined
}

/** A unit that was begun and wants more executions. */
export interface Begun {
  readonly job: Job
  readonly unit: number
  readonly level: number
  readonly kept: boolean
  /** Who has a part in it already. It never grows shorter. */
  held: readonly string[]
  /** Where it waits: one for each kind of what it wants. None when it has left. */
  waits: readonly Wait[]
}

/** A unit that waits in the list of a kind. */
export interface Wait {
  readonly begun: Begun
  readonly kind: Kind
  /** Counts all that ever waited: it came after those with less. */
  readonly seq: number
  /** The executions of the kind that it wants. */
  wanted: readonly Wanted[]
  /** Whether it has left its list. */
  gone: boolean
}

/** What is said of a job when it is admitted. */
export interface Shape {
  readonly id: JobId
  readonly priority: number
  readonly units: number
  /** What one execution costs its publisher, in milliseconds of one core. */
  readonly cost: number
  /** How many units of its beginning are not fresh any more. */
  readonly from: number
}

/** A job in the queue: a cursor over its units, and those that were begun and need something. */
export class Job implements Ordered {
  readonly id: JobId
  readonly priority: number
  readonly units: number
  readonly cost: number
  readonly tie: number
  readonly order: number
  index = -1
  /** Whether it is behind the pace that its deadline asks for. */
  urgent = false
  /** The tail is kept for swift nodes, until it has waited long enough. */
  tail: 'ahead' | 'kept' | 'over' = 'ahead'
  /** Whether no unit of it may be begun now. */
  isPaused = false
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
