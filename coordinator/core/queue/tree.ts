import type { PublisherId } from '@nexapod/specs'
import { classKey, type JobNeeds, poolOf } from '../match/needs.ts'
import { Branches } from './branches.ts'
import { Fifo } from './fifo.ts'
import { type Desk, Lane } from './lane.ts'
import { LaneTable } from './lane-table.ts'
import { Pace } from './pace.ts'
import type { Policy } from './policy.ts'
import { Project } from './project.ts'
import { type Branch, type Place, Publisher } from './publisher.ts'
import type { Found, Search } from './search.ts'
import { type Above, Tournament } from './tournament.ts'

/** Publishers with their projects and the lanes of those, and how far each of them has come. */
export class Tree implements Above<Publisher> {
  readonly lanes = new LaneTable()
  readonly #policy: Policy
  readonly #desk: Desk
  readonly #publishers = new Map<PublisherId, Publisher>()
  readonly #open = new Tournament<Publisher>()
  readonly #branches = new Branches()
  /** How far those have come who compete for the same nodes. */
  readonly #paces = new Map<number, Pace>()
  readonly #idle = new Fifo<{ readonly branch: Branch; readonly since: number }>()

  constructor(policy: Policy, desk: Desk) {
    this.#policy = policy
    this.#desk = desk
  }

  /** The place for jobs with these needs, made if there is none. */
  place(needs: JobNeeds): Place {
    const publisher = this.#publishers.get(needs.publisher)
    const branch = publisher?.branches.get(needs.project) ?? this.#grow(needs)
    branch.jobs++
    const key = classKey(needs)
    const known = branch.places.get(key)
    if (known !== undefined) return known
    const place = { branch, lane: new Lane(needs, key, this.#desk, branch.project) }
    branch.places.set(key, place)
    this.lanes.add(place.lane)
    return place
  }

  /** A job has left its place. How far its project has come is remembered for a while. */
  leave({ branch, lane }: Place, now: number): void {
    if (lane.jobs === 0) {
      branch.places.delete(lane.key)
      this.lanes.remove(lane)
    }
    if (--branch.jobs > 0) return
    branch.idleSince = now
    this.#idle.push({ branch, since: now })
  }

  /** Forgets whose last job left a window ago. */
  forget(now: number): void {
    for (let { first } = this.#idle; first !== undefined; { first } = this.#idle) {
      const { branch, since } = first
      if (now - since < this.#policy.windowMs) return
      this.#idle.shift()
      if (branch.jobs === 0 && branch.idleSince === since) this.#prune(branch)
    }
  }

  refresh(publisher: Publisher): void {
    const { needs } = publisher
    if (publisher.slot < 0 && needs !== undefined) {
      publisher.rank = Math.max(publisher.rank, this.#paceOf(poolOf(needs)).reached)
    }
    this.#open.sync(publisher)
  }

  /** Counts what is given to a place, before it is. */
  charge({ branch, lane }: Place, cost: number, now: number): void {
    const { publisher, project } = branch
    const pace = this.#paceOf(poolOf(lane.needs))
    publisher.charge(project, cost, now)
    publisher.rank = pace.serve(publisher.rank, cost, publisher.weight, now)
  }

  /** Counts more, or less, for what a branch was given earlier. */
  correct({ publisher, project }: Branch, cost: number): void {
    project.rank += cost / project.weight
    publisher.rank += cost / publisher.weight
  }

  /** Puts a branch where it belongs after what it was charged has changed. */
  move({ publisher, project }: Branch): void {
    publisher.move(project)
    this.#open.move(publisher)
  }

  /** The first unit in fair order for a node. */
  find(search: Search): Found | undefined {
    if (!this.#open.open) search.refuse('empty')
    return search.asker.projects.length === 0 ? this.#open.find(search) : this.#findIn(search)
  }

  #findIn(search: Search): Found | undefined {
    const { open, all } = this.#branches.open(search.asker.projects)
    if (open.length === 0) search.refuse('project')
    // Nearly always the first will do, so that the others need no order.
    const [any] = open
    const first = any && open.reduce((a, b) => (inTurn(a, b) < 0 ? a : b), any)
    const found = first && findOf(first, search)
    if (found !== undefined) return found
    for (const branch of open.sort(inTurn)) {
      const other = branch === first ? undefined : findOf(branch, search)
      if (other !== undefined) return other
    }
    if (!all) search.stop()
    return undefined
  }

  #grow({ publisher: id, project: name }: JobNeeds): Branch {
    const publisher = this.#publisherOf(id)
    const weight = this.#policy.weightOf(id, name)
    const project = new Project(name, weight, this.#desk.count(), publisher)
    const branch = { publisher, project, places: new Map(), jobs: 0, idleSince: 0 }
    publisher.branches.set(name, branch)
    // Nobody can wish for what has no name.
    if (name !== '') this.#branches.add(branch)
    return branch
  }

  #prune(branch: Branch): void {
    const { publisher, project } = branch
    // It may have fallen idle twice in one moment.
    if (!publisher.branches.delete(project.name)) return
    this.#branches.remove(branch)
    if (publisher.branches.size === 0) this.#publishers.delete(publisher.id)
  }

  #publisherOf(id: PublisherId): Publisher {
    const known = this.#publishers.get(id)
    if (known !== undefined) return known
    const { windowMs } = this.#policy
    const shares = { weight: this.#policy.weightOf(id), windowMs }
    const publisher = new Publisher(id, shares, this.#desk.count(), this)
    this.#publishers.set(id, publisher)
    return publisher
  }

  #paceOf(pool: number): Pace {
    const known = this.#paces.get(pool)
    if (known !== undefined) return known
    // Nobody was served there yet: who waits for such nodes is not owed all that others were given.
    const reached = Math.max(0, ...Array.from(this.#paces.values(), (pace) => pace.reached))
    const pace = new Pace(this.#policy.windowMs, reached)
    this.#paces.set(pool, pace)
    return pace
  }
}

function findOf({ publisher, project }: Branch, search: Search): Found | undefined {
  if (!search.may(project.needs)) return undefined
  return publisher.findUrgent(search) ?? project.find(search)
}

function inTurn(a: Branch, b: Branch): number {
  return (
    a.publisher.rank - b.publisher.rank ||
    a.publisher.tie - b.publisher.tie ||
    a.project.rank - b.project.rank ||
    a.project.tie - b.project.tie
  )
}
