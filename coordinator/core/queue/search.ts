import type { JobId } from '@nexapod/specs'
import type { Needs } from '../match/needs.ts'
import type { Reason } from '../match/reasons.ts'
import type { Begun, Job } from './job.ts'

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

/** A unit that was found: begun already, or the next fresh one of its job. */
export interface Found {
  readonly job: Job
  readonly begun?: Begun
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

/** One ask on its way through the queue: who asks, what was against it, how far it may look. */
export class Search {
  readonly asker: Asker
  /** What `near` of the asker names, as far as it is here. */
  readonly near: readonly Job[]
  #left: number
  #reasons: Map<Reason, number> | undefined
  #last: Needs | undefined
  #lastFits = false

  constructor(asker: Asker, near: readonly Job[], visitsMax: number) {
    this.asker = asker
    this.near = near
    this.#left = visitsMax
  }

  /** Whether it has looked at as much as it may. */
  get spent(): boolean {
    return this.#left < 0
  }

  get reasons(): ReadonlyMap<Reason, number> {
    return this.#reasons ?? new Map()
  }

  /** Allows so many looks again. */
  renew(visitsMax: number): void {
    this.#left = visitsMax
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

  /** Remembers why something that was looked at is not given. */
  refuse(reason: Reason): void {
    this.#reasons ??= new Map()
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
  }
}
