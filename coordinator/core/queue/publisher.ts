import type { PublisherId } from '@nexapod/specs'
import type { Needs } from '../match/needs.ts'
import type { Due } from './due.ts'
import type { Lane } from './lane.ts'
import { Pace } from './pace.ts'
import type { Project } from './project.ts'
import type { Entrant, Found, Search } from './search.ts'
import { type Above, Tournament } from './tournament.ts'

/** A project of a publisher, with jobs in the queue or with jobs there a moment ago. */
export interface Branch {
  readonly publisher: Publisher
  readonly project: Project
  /** By the key of the class. */
  readonly places: Map<string, Place>
  jobs: number
  /** When its last job left. */
  idleSince: number
}

/** Where the jobs of one class stand. */
export interface Place {
  readonly branch: Branch
  readonly lane: Lane
}

/** A publisher with jobs in the queue, or with jobs there a moment ago. */
export class Publisher implements Entrant, Above<Project> {
  readonly id: PublisherId
  readonly weight: number
  readonly tie: number
  readonly branches = new Map<string, Branch>()
  slot = -1
  /** How far it has come. */
  rank = 0
  readonly #above: Above<Publisher>
  readonly #open = new Tournament<Project>()
  #urgent: Tournament<Due> | undefined
  readonly #pace: Pace

  constructor(
    id: PublisherId,
    shares: { weight: number; windowMs: number },
    tie: number,
    above: Above<Publisher>,
  ) {
    this.id = id
    this.weight = shares.weight
    this.tie = tie
    this.#above = above
    this.#pace = new Pace(shares.windowMs)
  }

  get open(): boolean {
    return this.#open.open
  }

  get needs(): Needs | undefined {
    return this.#open.needs
  }

  refresh(project: Project): void {
    if (project.open && project.slot < 0) {
      project.rank = Math.max(project.rank, this.#pace.reached)
    }
    if (this.#open.sync(project)) this.#above.refresh(this)
  }

  /** Counts what one of its projects is given. */
  charge(project: Project, cost: number, now: number): void {
    project.rank = this.#pace.serve(project.rank, cost, project.weight, now)
  }

  /** Moves a project that was charged. */
  move(project: Project): void {
    this.#open.move(project)
  }

  /** Takes in a deadline whose job is at risk, or leaves it out. */
  hurry(due: Due): void {
    if (due.open) this.#urgent ??= new Tournament<Due>()
    this.#urgent?.sync(due)
  }

  /** In its turn, its jobs at risk go first, then the project that has come least far. */
  find(search: Search): Found | undefined {
    return this.findUrgent(search) ?? this.#open.find(search)
  }

  findUrgent(search: Search): Found | undefined {
    return this.#urgent?.find(search)
  }
}
