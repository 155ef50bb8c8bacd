import type { Needs } from '../match/needs.ts'
import type { Ordered } from './heap.ts'
import type { Job } from './job.ts'
import type { Lane } from './lane.ts'
import type { Entrant, Found, Search } from './search.ts'

/**
 * A deadline. The units of a job should be begun evenly until a part of its time is over: while
 * the next one is late by that measure, the job is at risk. Nothing has to be known of the speed
 * of nodes, and a job that is on its way in time takes nobody's turn.
 */
export class Due implements Entrant, Ordered {
  readonly job: Job
  lane: Lane
  readonly tie: number
  /** The earliest deadline goes first. */
  readonly rank: number
  slot = -1
  index = -1
  /** When it changes next, if no unit is begun before. */
  order = 0
  readonly #admitted: number
  readonly #paceMs: number

  constructor(
    job: Job,
    lane: Lane,
    time: { admitted: number; deadline: number; pacePermille: number },
  ) {
    this.job = job
    this.lane = lane
    this.tie = job.tie
    this.rank = time.deadline
    this.#admitted = time.admitted
    this.#paceMs = Math.floor(((time.deadline - time.admitted) * time.pacePermille) / 1000)
  }

  get open(): boolean {
    return this.job.urgent
  }

  get needs(): Needs {
    return this.lane.needs
  }

  /** Says whether it is at risk now, and when that changes. What is too late is at no risk. */
  update(now: number): void {
    const { units, fresh } = this.job
    const next = Math.min(units, units - fresh + 1)
    const dueAt = this.#admitted + Math.floor((this.#paceMs * next) / units)
    this.job.urgent = dueAt <= now && now < this.rank
    this.order = now < dueAt ? dueAt : now < this.rank ? this.rank : Number.POSITIVE_INFINITY
  }

  find(search: Search): Found | undefined {
    return this.lane.findUrgent(this.job, search)
  }
}
