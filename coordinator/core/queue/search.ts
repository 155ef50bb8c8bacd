import type { JobId } from '@nexapod/specs'
import type { Needs } from '../match/needs.ts'
import type { Reason } from '../match/reasons.ts'
import type { Job, Wait } from './job.ts'

/** A node that asks, as far as the queue has to know it. */
export interface Asker {
  /** What replicas are kept apart by: its owner, and its network where the mesh demands that. */
  readonly apart: readonly string[]
  /** Whether it is fast and reliable, so that it is given the tails of jobs. */
  readonly swift: boolean
  /** The projects that it computes for alone; none means all. */
  readonly projects: readonly string[]
  /** Jobs whose data it has, the nearest first. */
  readonly near: readonly JobId[]
  /** What the last answer said where to go on, if it did. */
  readonly mark?: number
  /** Why a unit of a class does not fit the node. What fits a class fits the least of it. */
  fits(needs: Needs): Reason | undefined
}

/** Numbers by chance: a whole one from 0 to 2^32 - 1 with each call. */
export type Draw = () => number

/** A unit that was found: one that waits in a list, or the next fresh one of its job. */
export interface Found {
  readonly job: Job
  readonly wait?: Wait
}

/** What takes part in a tournament. */
export interface Entrant {
  /** Whether there is anything in it to be given. */
  readonly open: boolean
  /** The least goes first. */
  readonly rank: number
  /** Decides between equal ranks: no two entrants have the same. */
  readonly tie: number
  /** No unit of it needs less than this; none while it is closed. */
  readonly needs: Needs | undefined
  /** Where it stands in its tournament; -1 while it is out. */
  slot: number
  find(search: Search): Found | undefined
}

/** How far a search may look, and what it draws by. */
export interface Means {
  readonly visitsMax: number
  /** A list is drawn from as if at least so many units waited in it. */
  readonly openMin: number
  readonly draw: Draw
}

/** One ask on its way through the queue: who asks, what was against it, how far it may look. */
export class Search {
  readonly asker: Asker
  /** What `near` of the asker names, as far as it is here. */
  readonly near: readonly Job[]
  readonly #means: Means
  #left: number
  #reasons: Map<Reason, number> | undefined
  #last: Needs | undefined
  #lastFits = false
  #blanks = 0
  #sure = false

  constructor(asker: Asker, near: readonly Job[], means: Means) {
    this.asker = asker
    this.near = near
    this.#means = means
    this.#left = means.visitsMax
  }

  /** Whether it has looked at as much as it may. */
  get spent(): boolean {
    return this.#left < 0
  }

  get reasons(): ReadonlyMap<Reason, number> {
    return this.#reasons ?? new Map()
  }

  /** Whether it takes whatever waits, because there is nothing fresh to be given instead. */
  get sure(): boolean {
    return this.#sure
  }

  /** Allows as many looks again. */
  renew(): void {
    this.#left = this.#means.visitsMax
  }

  /** Ends the search: there is more than it may look at. */
  stop(): void {
    this.#left = -1
  }

  /** Counts one look; whether it may be taken. */
  spend(): boolean {
    return --this.#left >= 0
  }

  /** Whether something below these needs may fit. Each level asks again, often of the same. */
  may(needs: Needs | undefined): boolean {
    if (needs === undefined) return false
    if (needs === this.#last) return this.#lastFits
    const reason = this.asker.fits(needs)
    if (reason !== undefined) this.refuse(reason)
    this.#last = needs
    this.#lastFits = reason === undefined
    return this.#lastFits
  }

  /** A number below `count`, each as likely. */
  below(count: number): number {
    return Math.floor((this.#means.draw() / 2 ** 32) * count)
  }

  /** Whether a list of so many is drawn from: a short one is not each time. */
  draws(size: number): boolean {
    const { openMin } = this.#means
    return this.#sure || size >= openMin || this.below(openMin) < size
  }

  /** Notes that a list was passed over although it may have something for the node. */
  passOver(): void {
    this.#blanks++
  }

  /** The rule of chance: what waits if it is drawn, else something fresh, else what waits. */
  either(waiting: () => Found | undefined, fresh: () => Found | undefined): Found | undefined {
    const blanks = this.#blanks
    const found = waiting() ?? fresh()
    if (found !== undefined || this.#blanks === blanks) return found
    this.#sure = true
    const left = waiting()
    this.#sure = false
    return left
  }

  /** Remembers why something that was looked at is not given. */
  refuse(reason: Reason): void {
    this.#reasons ??= new Map()
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }
}
