import type { JobId } from '@nexapod/specs'
import { classKey, type JobNeeds, poolOf } from '../../match/needs.ts'
import type { Wanted } from '../../verdict/vote.ts'
import { costOf } from '../pace.ts'
import type { Policy } from '../policy.ts'
import type { Admission, Open } from '../queue.ts'
import type { Asker } from '../search.ts'
import {
  choices,
  freshOf,
  hardestFirst,
  inTurn,
  isOfLine,
  isTail,
  isUrgent,
  listsOf,
  type ModelBegun,
  type ModelFound,
  type ModelJob,
  type ModelPace,
  type ModelProject,
  type ModelPublisher,
  type ModelWait,
  reachedOf,
  suits,
  trustOf,
} from './model-parts.ts'

/**
 * The queue once more, as lists that are sorted and looked through whole each time. It draws
 * nothing: it says all that may be given, and is told what was.
 */
export class Model {
  readonly #policy: Policy
  #jobs: ModelJob[] = []
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
      begun: new Map(),
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
    if (!this.#jobs.some((one) => one.project === job.project)) job.project.idleSince = now
    this.#enter(job)
  }

  need(
    id: JobId,
    unit: number,
    wanted: readonly Wanted[],
    held: readonly string[],
    now: number,
  ): void {
    this.#turn(now)
    const job = this.#jobs.find((one) => one.id === id)
    if (job === undefined) return
    const begun = job.begun.get(unit)
    if (begun && wanted.length > 0 && begun.held.every((one) => held.includes(one))) {
      begun.held = held
      begun.waits = this.#waitsOf(begun, wanted)
      return
    }
    // Executions are of the level that the job had when the unit was begun.
    const level = this.#levelOf(job, now)
    job.fresh.delete(unit)
    if (wanted.length > 0) this.#begin(job, { unit, held, level }, wanted, now)
    else job.begun.delete(unit)
    this.#settled(job, now)
  }

  exclude(id: JobId, platform: string, now: number): void {
    this.#turn(now)
    const job = this.#jobs.find((one) => one.id === id)
    if (job === undefined || job.needs.without?.includes(platform)) return
    job.needs = { ...job.needs, without: [...(job.needs.without ?? []), platform].sort() }
    job.line = classKey(job.needs)
    if (job.tail === 'kept') job.tail = 'over'
    this.#settled(job, now)
    for (const { unit, held, waits } of [...job.begun.values()]) {
      const wanted = waits.flatMap((wait) => wait.wanted)
      this.#begin(job, { unit, held, level: this.#levelOf(job, now) }, wanted, now)
    }
  }

  /** All that a node may be given now. */
  ask(asker: Asker, now: number): ModelFound[] {
    this.#turn(now)
    for (const publisher of [...this.#publishers].sort(inTurn)) {
      if (!this.#projects.some((one) => one.publisher === publisher && this.#isOpen(one))) continue
      const urgent = this.#urgent(publisher, asker, now)
      const found = urgent.length > 0 ? urgent : this.#ordinary(publisher, asker)
      if (found.length > 0) return found
    }
    return []
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
    return { fresh: job?.fresh.size ?? 0, begun: job?.begun.size ?? 0 }
  }

  /** What a unit wants that was begun, and who has a part in it. */
  begun(id: JobId, unit: number): { wanted: readonly Wanted[]; held: readonly string[] } {
    const found = this.#jobs.find((one) => one.id === id)?.begun.get(unit)
    return { wanted: found?.waits.flatMap((wait) => wait.wanted) ?? [], held: found?.held ?? [] }
  }

  /** Gives what was chosen. */
  give({ job, wait }: ModelFound, { apart }: Asker, now: number): void {
    this.#charge(job, now)
    if (wait === undefined) {
      job.fresh.delete(Math.min(...job.fresh))
      this.#settled(job, now)
      return
    }
    const { begun } = wait
    wait.wanted = wait.wanted.slice(1)
    begun.held = [...begun.held, ...apart]
    begun.waits = begun.waits.filter((one) => one.wanted.length > 0)
    if (begun.waits.length === 0) job.begun.delete(begun.unit)
    this.#enter(job)
  }

  #urgent(publisher: ModelPublisher, asker: Asker, now: number): ModelFound[] {
    const urgent = this.#jobs
      .filter((job) => job.project.publisher === publisher && isUrgent(job, this.#policy, now))
      .sort((a, b) => (a.deadline as number) - (b.deadline as number) || a.seq - b.seq)
    for (const job of urgent) {
      if (asker.fits(job.needs) !== undefined) continue
      const waits = this.#waits((one) => isOfLine(one.job, job) && one.level === 10)
      const lists = listsOf(waits)
        .filter((list) => suits(asker, list))
        .sort(hardestFirst)
      const isFresh = job.fresh.size > 0 && (job.tail !== 'kept' || asker.swift)
      const found = choices(asker, lists, isFresh ? job : undefined, this.#policy.openMin)
      if (found.length > 0) return found
    }
    return []
  }

  #ordinary(publisher: ModelPublisher, asker: Asker): ModelFound[] {
    const projects = this.#projects.filter((one) => one.publisher === publisher)
    for (const project of projects.sort(inTurn)) {
      const lists = listsOf(this.#waits((one) => one.job.project === project))
        .filter((list) => suits(asker, list))
        .sort(hardestFirst)
      const fresh = freshOf(project, this.#jobs, asker)
      const found = choices(asker, lists, fresh, this.#policy.openMin)
      if (found.length > 0) return found
    }
    return []
  }

  #waits(isOne: (begun: ModelBegun) => boolean): ModelWait[] {
    const begun = this.#jobs.flatMap((job) => [...job.begun.values()])
    return begun.filter(isOne).flatMap(({ waits }) => waits)
  }

  #begin(
    job: ModelJob,
    given: Pick<ModelBegun, 'unit' | 'held' | 'level'>,
    wanted: readonly Wanted[],
    now: number,
  ): void {
    const kept = isTail(job, this.#policy)
    const keptUntil = now + this.#policy.patienceMs
    const begun: ModelBegun = { ...given, job, kept, keptUntil, waits: [] }
    begun.waits = this.#waitsOf(begun, wanted)
    job.begun.set(begun.unit, begun)
  }

  #waitsOf(begun: ModelBegun, wanted: readonly Wanted[]): ModelWait[] {
    const waits: ModelWait[] = []
    for (const one of wanted) {
      const [trust, { platform }] = [trustOf(one), one]
      const isSame = (wait: ModelWait) => wait.trust === trust && wait.platform === platform
      const wait = waits.find(isSame)
      const seq = begun.waits.find(isSame)?.seq ?? ++this.#seq
      if (wait === undefined) waits.push({ begun, trust, platform, seq, wanted: [one] })
      else wait.wanted.push(one)
    }
    return waits
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
    if (job.tail === 'ahead' && isTail(job, this.#policy)) {
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
    const seqOf = ({ waits }: ModelBegun) => Math.min(...waits.map(({ seq }) => seq))
    const free = this.#jobs
      .flatMap((job) => [...job.begun.values()])
      .filter((one) => one.kept && one.keptUntil <= now)
      .sort((a, b) => a.keptUntil - b.keptUntil || seqOf(a) - seqOf(b))
    for (const one of free) {
      const begun: ModelBegun = { ...one, kept: false, waits: [] }
      begun.waits = this.#waitsOf(
        begun,
        one.waits.flatMap((wait) => wait.wanted),
      )
      one.job.begun.set(one.unit, begun)
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
    const isOpen = ({ fresh, begun }: ModelJob) => fresh.size + begun.size > 0
    return this.#jobs.some((one) => one.project === project && isOpen(one))
  }

  #levelOf(job: ModelJob, now: number): number {
    return isUrgent(job, this.#policy, now) ? 10 : job.priority
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
