import type { JobId } from '@nexapod/specs'
import { classKey, type JobNeeds, poolOf } from '../../match/needs.ts'
import { costOf } from '../pace.ts'
import type { Policy } from '../policy.ts'
import type { Admission, Open } from '../queue.ts'
import type { Asker } from '../search.ts'
import {
  inTurn,
  isBeside,
  isFor,
  isOfLine,
  type ModelBegun,
  type ModelJob,
  type ModelPace,
  type ModelProject,
  type ModelPublisher,
  reachedOf,
} from './model-parts.ts'

/** The queue once more, as lists that are sorted and looked through whole each time. */
export class Model {
  readonly #policy: Policy
  #jobs: ModelJob[] = []
  #begun: ModelBegun[] = []
  #publishers: ModelPublisher[] = []
  #projects: ModelProject[] = []
  readonly #pools = new Map<number, ModelPace>()
  #seq = 0

  constructor(policy: Policy) {
    this.#policy = policy
  }

  admit(admission: Admission, now: number): void {
    this.#turn(now)
    const { needs, from = 0, units } = admission
    const job: ModelJob = {
      ...admission,
      seq: ++this.#seq,
      admitted: now,
      project: this.#projectOf(needs),
      line: classKey(needs),
      fresh: new Set(Array.from({ length: units - from }, (_, i) => from + i)),
      tail: 'ahead',
      keptUntil: 0,
    }
    job.project.idleSince = undefined
    this.#jobs.push(job)
    this.#settled(job, now)
  }

  end(id: JobId, now: number): void {
    this.#turn(now)
    const job = this.#jobs.find((one) => one.id === id)
    if (job === undefined) return
    this.#jobs = this.#jobs.filter((one) => one !== job)
    this.#begun = this.#begun.filter((one) => one.job !== job)
    if (!this.#jobs.some((one) => one.project === job.project)) job.project.idleSince = now
    this.#enter(job)
  }

  need(id: JobId, unit: number, slots: number, held: readonly string[], now: number): void {
    this.#turn(now)
    const job = this.#jobs.find((one) => one.id === id)
    if (job === undefined) return
    const begun = this.#begun.find((one) => one.job === job && one.unit === unit)
    if (begun && slots > 0 && begun.held.every((one) => held.includes(one))) {
      begun.slots = slots
      begun.held = held
      return
    }
    this.#begun = this.#begun.filter((one) => one !== begun)
    // Replicas are of the level that the job had when the unit was begun.
    const level = this.#levelOf(job, now)
    job.fresh.delete(unit)
    if (slots > 0) this.#begin(job, { unit, slots, held, level }, now)
    this.#settled(job, now)
  }

  ask(asker: Asker, now: number): { job: JobId; unit: number; slots: number } | undefined {
    this.#turn(now)
    for (const publisher of [...this.#publishers].sort(inTurn)) {
      if (!this.#projects.some((one) => one.publisher === publisher && this.#isOpen(one))) continue
      const found = this.#urgent(publisher, asker, now) ?? this.#ordinary(publisher, asker)
      if (found !== undefined) return this.#give(found, asker, now)
    }
    return undefined
  }

  settle(id: JobId, spentMs: number): void {
    const job = this.#jobs.find((one) => one.id === id)
    if (job === undefined) return
    const more = spentMs - costOf(job.needs)
    job.project.rank += more / job.project.weight
    job.project.publisher.rank += more / job.project.publisher.weight
  }

  open(id: JobId): Open {
    const job = this.#jobs.find((one) => one.id === id)
    const begun = this.#begun.filter((one) => one.job === job).length
    return { fresh: job?.fresh.size ?? 0, begun: job ? begun : 0 }
  }

  /** What the queue holds of a unit that was begun. */
  begun(id: JobId, unit: number): { slots: number; held: readonly string[] } {
    const found = this.#begun.find((one) => one.job.id === id && one.unit === unit)
    return found ?? { slots: 0, held: [] }
  }

  #urgent(publisher: ModelPublisher, asker: Asker, now: number) {
    const urgent = this.#jobs
      .filter((job) => job.project.publisher === publisher && this.#isUrgent(job, now))
      .sort((a, b) => (a.deadline as number) - (b.deadline as number) || a.seq - b.seq)
    for (const job of urgent) {
      if (asker.fits(job.needs) !== undefined) continue
      const begun = this.#begun
        .filter((one) => one.level === 10 && isOfLine(one.job, job) && isFor(asker, one))
        .sort((a, b) => Number(b.kept) - Number(a.kept) || a.seq - b.seq)[0]
      if (begun !== undefined) return begun
      if (job.fresh.size > 0 && (job.tail !== 'kept' || asker.swift)) return job
    }
    return undefined
  }

  #ordinary(publisher: ModelPublisher, asker: Asker) {
    const projects = this.#projects.filter((one) => one.publisher === publisher)
    for (const project of projects.sort(inTurn)) {
      const begun = this.#begun.filter((one) => one.job.project === project)
      const lists = Object.values(
        Object.groupBy(begun, ({ job, level, kept }) => `${job.line} ${level} ${kept}`),
      ).map((list = []) => list.sort((a, b) => a.seq - b.seq))
      lists.sort(([a], [b]) => (a && b ? b.level - a.level || a.seq - b.seq : 0))
      for (const list of lists) {
        const one = list.find((each) => isFor(asker, each))
        if (one && asker.fits(one.job.needs) === undefined) return one
      }
      const jobs = this.#jobs.filter((one) => one.project === project && one.fresh.size > 0)
      const open = jobs.filter(
        (job) => asker.fits(job.needs) === undefined && (job.tail !== 'kept' || asker.swift),
      )
      const [first] = open.sort((a, b) => b.priority - a.priority || a.seq - b.seq)
      if (first === undefined) continue
      const near = asker.near.map((id) => open.find((job) => job.id === id))
      return near.find((job) => job && isBeside(job, first)) ?? first
    }
    return undefined
  }

  #give(found: ModelJob | ModelBegun, { apart }: Asker, now: number) {
    const job = 'job' in found ? found.job : found
    this.#charge(job, now)
    if ('job' in found) {
      found.slots--
      found.held = [...found.held, ...apart]
      this.#begun = this.#begun.filter((one) => one.slots > 0)
      this.#enter(job)
      return { job: job.id, unit: found.unit, slots: found.slots }
    }
    const level = this.#levelOf(job, now)
    const unit = Math.min(...job.fresh)
    job.fresh.delete(unit)
    const slots = job.slots - 1
    if (slots > 0) this.#begin(job, { unit, slots, held: apart, level }, now)
    this.#settled(job, now)
    return { job: job.id, unit, slots }
  }

  #begin(
    job: ModelJob,
    given: Pick<ModelBegun, 'unit' | 'slots' | 'held' | 'level'>,
    now: number,
  ): void {
    const keptUntil = now + this.#policy.patienceMs
    this.#begun.push({ ...given, job, seq: ++this.#seq, kept: this.#isTail(job), keptUntil })
  }

  #charge({ needs, project }: ModelJob, now: number): void {
    const { publisher } = project
    const cost = costOf(needs)
    for (const [sharer, pace] of [
      [project, publisher.pace],
      [publisher, this.#poolOf(needs)],
    ] as const) {
      const window = Math.floor(now / this.#policy.windowMs)
      const floor = pace.served.findLast((one) => one.window <= window - 2)?.reached ?? pace.first
      const start = Math.max(sharer.rank, floor)
      pace.served.push({ window, reached: Math.max(reachedOf(pace), start) })
      sharer.rank = start + cost / sharer.weight
    }
  }

  /** A job has other fresh units than before: its tail may begin, and who opened enters. */
  #settled(job: ModelJob, now: number): void {
    if (job.tail === 'ahead' && this.#isTail(job)) {
      job.tail = 'kept'
      job.keptUntil = now + this.#policy.patienceMs
    }
    this.#enter(job)
  }

  #enter({ project, needs }: ModelJob): void {
    const { publisher } = project
    const isOpen = this.#isOpen(project)
    if (isOpen && !project.wasOpen) project.rank = Math.max(project.rank, reachedOf(publisher.pace))
    project.wasOpen = isOpen
    const opens = this.#projects.some((one) => one.publisher === publisher && this.#isOpen(one))
    if (opens && !publisher.wasOpen) {
      publisher.rank = Math.max(publisher.rank, reachedOf(this.#poolOf(needs)))
    }
    publisher.wasOpen = opens
  }

  #turn(now: number): void {
    const { windowMs } = this.#policy
    const free = this.#begun.filter((one) => one.kept && one.keptUntil <= now)
    for (const one of free.sort((a, b) => a.keptUntil - b.keptUntil || a.seq - b.seq)) {
      one.kept = false
      one.seq = ++this.#seq
    }
    for (const job of this.#jobs) {
      if (job.tail === 'kept' && job.keptUntil <= now) job.tail = 'over'
    }
    this.#projects = this.#projects.filter(
      ({ idleSince }) => idleSince === undefined || now - idleSince < windowMs,
    )
    this.#publishers = this.#publishers.filter((one) =>
      this.#projects.some(({ publisher }) => publisher === one),
    )
  }

  #isOpen(project: ModelProject): boolean {
    const fresh = this.#jobs.some((one) => one.project === project && one.fresh.size > 0)
    return fresh || this.#begun.some((one) => one.job.project === project)
  }

  #isTail({ units, fresh }: ModelJob): boolean {
    const { tailPermille, tailUnitsMax } = this.#policy
    const tail = Math.min(Math.floor((units * tailPermille) / 1000), tailUnitsMax)
    return tail > 0 && fresh.size <= tail
  }

  #isUrgent({ deadline, admitted, units, fresh }: ModelJob, now: number): boolean {
    if (deadline === undefined || now >= deadline) return false
    const paceMs = Math.floor(((deadline - admitted) * this.#policy.pacePermille) / 1000)
    const next = Math.min(units, units - fresh.size + 1)
    return admitted + Math.floor((paceMs * next) / units) <= now
  }

  #levelOf(job: ModelJob, now: number): number {
    return this.#isUrgent(job, now) ? 10 : job.priority
  }

  #projectOf({ publisher: id, project: name }: JobNeeds): ModelProject {
    const known = this.#projects.find((one) => one.publisher.id === id && one.name === name)
    if (known !== undefined) return known
    let publisher = this.#publishers.find((one) => one.id === id)
    if (publisher === undefined) {
      const weight = this.#policy.weightOf(id)
      publisher = { id, weight, rank: 0, wasOpen: false, pace: { first: 0, served: [] } }
      this.#publishers.push(publisher)
    }
    const weight = this.#policy.weightOf(id, name)
    const rank = 0
    const project = { name, publisher, weight, rank, wasOpen: false, idleSince: undefined }
    this.#projects.push(project)
    return project
  }

  #poolOf(needs: JobNeeds): ModelPace {
    const pool = poolOf(needs)
    const known = this.#pools.get(pool)
    if (known !== undefined) return known
    const first = Math.max(0, ...Array.from(this.#pools.values(), reachedOf))
    const pace = { first, served: [] }
    this.#pools.set(pool, pace)
    return pace
  }
}
