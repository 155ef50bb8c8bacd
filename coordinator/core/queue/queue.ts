import type { JobId } from '@nexapod/specs'
import type { JobNeeds } from '../match/needs.ts'
import type { Reason } from '../match/reasons.ts'
import type { Class } from '../match/tally.ts'
import type { Wanted } from '../verdict/vote.ts'
import { Due } from './due.ts'
import { Fifo } from './fifo.ts'
import { Heap } from './heap.ts'
import { Job, type Shape } from './job.ts'
import type { Desk } from './lane.ts'
import { costOf } from './pace.ts'
import type { Policy } from './policy.ts'
import type { Place } from './publisher.ts'
import { type Asker, type Draw, type Found, Search } from './search.ts'
import { Tree } from './tree.ts'

/** A job as it comes into the queue. */
export interface Admission {
  readonly id: JobId
  readonly needs: JobNeeds
  readonly priority: number
  readonly units: number
  readonly deadline?: number
  /** After a restart: how many units of its beginning are not fresh any more. */
  readonly from?: number
}

/** An execution of a unit for the node that asked. */
export interface Given {
  readonly type: 'unit'
  readonly job: JobId
  readonly unit: number
  /** Whether nobody was given the unit before. Then `need` says what else it wants. */
  readonly fresh: boolean
  /** Which execution it is, of those that were wanted. */
  readonly wanted: Wanted
  /** There is more than was looked at: the next ask should say this. */
  readonly mark?: number
}

/** Nothing for the node that asked: what was found against it, and how often. */
export interface Nothing {
  readonly type: 'nothing'
  readonly reasons: ReadonlyMap<Reason, number>
  readonly mark?: number
}

/** What is open of a job. */
export interface Open {
  /** Units that were never leased. */
  readonly fresh: number
  /** Units that were begun and want more executions. */
  readonly begun: number
}

/** A job where it stands. All that a search finds are such. */
class Placed extends Job {
  place: Place
  due: Due | undefined

  constructor(shape: Shape, seq: number, tailUnits: number, place: Place) {
    super(shape, seq, tailUnits)
    this.place = place
  }
}

const none: readonly Job[] = []
const anybody: Wanted = { from: 'any', referee: false }

/** Which unit is leased next: queue.md says why. Time is what the caller says it is. */
export class Queue implements Desk {
  readonly #policy: Policy
  readonly #tree: Tree
  readonly #jobs = new Map<JobId, Placed>()
  readonly #dues = new Heap<Due>()
  readonly #kept = new Fifo<{ readonly until: number; readonly release: () => void }>()
  #counted = 0
  #now = 0

  constructor(policy: Policy) {
    this.#policy = policy
    this.#tree = new Tree(policy, this)
  }

  /** How many jobs are in the queue. */
  get jobs(): number {
    return this.#jobs.size
  }

  /** The classes of its jobs, to tell why a node is idle; one stands here for each project. */
  *classes(): Generator<Class> {
    for (const { needs, jobs } of this.#tree.lanes) yield { needs, jobs }
  }

  /** Takes in a job. */
  admit(admission: Admission, now: number): void {
    const { id, needs, units, deadline } = admission
    if (this.#jobs.has(id)) throw new Error(`the job ${id} is in the queue already`)
    this.#turn(now)
    const { tailPermille, tailUnitsMax, pacePermille } = this.#policy
    const tail = Math.min(Math.floor((units * tailPermille) / 1000), tailUnitsMax)
    const shape = { ...admission, cost: costOf(needs), from: admission.from ?? 0 }
    const job = new Placed(shape, this.count(), tail, this.#tree.place(needs))
    this.#jobs.set(id, job)
    job.place.lane.open(job)
    if (deadline === undefined) return
    job.due = new Due(job, job.place.lane, { admitted: now, deadline, pacePermille })
    this.#update(job.due, job.place)
  }

  /** Gives no unit of a job to nodes of a platform any more. */
  exclude(id: JobId, platform: string, now: number): void {
    this.#turn(now)
    const job = this.#jobs.get(id)
    if (job === undefined) return
    const { place: was, due } = job
    const { without = [], ...needs } = was.lane.needs
    if (without.includes(platform)) return
    // The same platforms in whatever order are one class.
    job.place = this.#tree.place({ ...needs, without: [...without, platform].sort() })
    was.lane.move(job, job.place.lane)
    if (due !== undefined) {
      due.lane = job.place.lane
      job.place.branch.publisher.hurry(due)
    }
    this.#tree.leave(was, now)
  }

  /** Begins no unit of a job for a while, or again; what was begun goes on. */
  pause(id: JobId, isPaused: boolean, now: number): void {
    this.#turn(now)
    const job = this.#jobs.get(id)
    if (job === undefined) return
    job.isPaused = isPaused
    job.place.lane.settle(job)
  }

  /** Takes out a job, whatever was open of it. One that is not here has left already. */
  end(id: JobId, now: number): void {
    this.#turn(now)
    const job = this.#jobs.get(id)
    if (job === undefined) return
    const { place, due } = job
    this.#jobs.delete(id)
    place.lane.close(job)
    if (due !== undefined) this.#drop(due, place)
    this.#tree.leave(place, now)
  }

  /**
   * Says what a unit wants from now on: these executions, none of them for who has a part in it.
   * That is how a lease that ended comes back, how more replicas are asked for, and with nothing
   * wanted how a unit is done with. After a restart it also says which units were begun.
   */
  need(
    id: JobId,
    unit: number,
    wanted: readonly Wanted[],
    held: readonly string[],
    now: number,
  ): void {
    this.#turn(now)
    const job = this.#jobs.get(id)
    if (job === undefined) return
    const { lane } = job.place
    const begun = job.begunAt(unit)
    if (begun !== undefined && wanted.length > 0 && isWithin(begun.held, held)) {
      begun.held = held
      lane.want(begun, wanted)
      return
    }
    const fresh = job.isFresh(unit)
    if (fresh) job.skip(unit)
    if (wanted.length > 0) lane.begin(job, unit, wanted, held)
    // Who is no longer barred has passed it already, so that it came in again behind the others.
    if (begun !== undefined) lane.drop(begun)
    if (fresh) this.#progress(job)
  }

  /** Gives a node the unit that is next for it, drawn among those that are as good. */
  ask(asker: Asker, now: number, draw: Draw): Given | Nothing {
    this.#turn(now)
    const { visitsMax, openMin } = this.#policy
    const search = new Search(asker, this.#near(asker), { visitsMax, openMin, draw })
    const found = this.#tree.find(search)
    if (found !== undefined) return this.#give(found, asker)
    if (!search.spent) return { type: 'nothing', reasons: search.reasons }
    search.renew()
    const swept = this.#tree.lanes.sweep(search, asker.mark ?? 0)
    const mark = swept.mark === undefined ? {} : { mark: swept.mark }
    if (swept.found !== undefined) return { ...this.#give(swept.found, asker), ...mark }
    if (swept.mark !== undefined) search.refuse('turn')
    return { type: 'nothing', reasons: search.reasons, ...mark }
  }

  /** Corrects what an execution counted: so many milliseconds of a core it took. */
  settle(id: JobId, spentMs: number): void {
    const job = this.#jobs.get(id)
    if (job === undefined) return
    const { branch } = job.place
    this.#tree.correct(branch, spentMs - job.cost)
    this.#tree.move(branch)
  }

  /** What is open of a job; nothing of one that is not here. */
  open(id: JobId): Open {
    const job = this.#jobs.get(id)
    return { fresh: job?.fresh ?? 0, begun: job?.begunCount ?? 0 }
  }

  count(): number {
    return ++this.#counted
  }

  keep(release: () => void): void {
    this.#kept.push({ until: this.#now + this.#policy.patienceMs, release })
  }

  #give(found: Found, { apart }: Asker): Given {
    const { job, wait } = found as Found & { readonly job: Placed }
    const { branch, lane } = job.place
    this.#tree.charge(job.place, job.cost, this.#now)
    if (wait !== undefined) {
      const wanted = lane.grant(wait, apart)
      this.#tree.move(branch)
      return { type: 'unit', job: job.id, unit: wait.begun.unit, fresh: false, wanted }
    }
    const unit = job.take()
    this.#progress(job)
    this.#tree.move(branch)
    return { type: 'unit', job: job.id, unit, fresh: true, wanted: anybody }
  }

  /** A job has begun another unit. */
  #progress(job: Placed): void {
    job.place.lane.settle(job)
    if (job.due !== undefined) this.#update(job.due, job.place)
  }

  #update(due: Due, place: Place): void {
    if (due.index >= 0) this.#dues.remove(due)
    due.update(this.#now)
    if (due.order < Number.POSITIVE_INFINITY) this.#dues.add(due)
    place.branch.publisher.hurry(due)
  }

  #drop(due: Due, place: Place): void {
    if (due.index >= 0) this.#dues.remove(due)
    due.job.urgent = false
    place.branch.publisher.hurry(due)
  }

  /** Does what is due by now. */
  #turn(now: number): void {
    this.#now = now
    for (let { first } = this.#kept; first && first.until <= now; { first } = this.#kept) {
      this.#kept.shift()
      first.release()
    }
    for (let { first } = this.#dues; first && first.order <= now; { first } = this.#dues) {
      this.#update(first, (first.job as Placed).place)
    }
    this.#tree.forget(now)
  }

  #near({ near }: Asker): readonly Job[] {
    if (near.length === 0) return none
    return near.map((id) => this.#jobs.get(id)).filter((job) => job !== undefined)
  }
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one))
}
