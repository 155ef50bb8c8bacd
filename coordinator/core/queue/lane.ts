import type { JobNeeds } from '../match/needs.ts'
import { Fresh } from './fresh.ts'
import { type Begun, type Job, urgentLevel } from './job.ts'
import type { Found, Search } from './search.ts'
import type { Above } from './tournament.ts'
import { Waiting } from './waiting.ts'

/** What a lane asks of the queue. */
export interface Desk {
  /** Another number with each call. */
  count(): number
  /** Calls back when what is kept for swift nodes has waited long enough. */
  keep(release: () => void): void
}

/** What a lane has to be given: units that were begun, or jobs with fresh ones. */
export type Line = Waiting | Fresh

/** The jobs of one class of one project: whatever fits one of them fits all. */
export class Lane {
  readonly needs: JobNeeds
  readonly key: string
  /** Its jobs. */
  jobs = 0
  /** Its place among all lanes. */
  slot = -1
  readonly #desk: Desk
  readonly #above: Above<Line>
  /** The highest level first, and what is kept before what is not. */
  readonly #waiting: Waiting[] = []
  readonly #open: Fresh
  readonly #kept: Fresh

  constructor(needs: JobNeeds, key: string, desk: Desk, above: Above<Line>) {
    this.needs = needs
    this.key = key
    this.#desk = desk
    this.#above = above
    this.#open = new Fresh(needs, false, desk.count())
    this.#kept = new Fresh(needs, true, desk.count())
  }

  /** Takes in a job. */
  open(job: Job): void {
    this.jobs++
    this.settle(job)
  }

  /** Leaves out a job, with all that it needed. */
  close(job: Job): void {
    this.jobs--
    const lines = new Set<Line>()
    for (const line of [this.#open, this.#kept]) {
      if (!line.has(job)) continue
      line.remove(job)
      lines.add(line)
    }
    for (const begun of job.empty()) lines.add(this.#remove(begun))
    // Once for each line, not for each unit: there may be a million.
    for (const line of lines) this.#above.refresh(line)
  }

  /** Puts the fresh units of a job where they belong now. */
  settle(job: Job): void {
    if (job.tail === 'ahead') {
      // Nearly always a unit was begun of many, and nothing is different.
      if (job.fresh > 0 && !job.isTail && this.#open.has(job)) return
      if (job.isTail) this.#keep(job)
    }
    const to = job.fresh === 0 ? undefined : job.tail === 'kept' ? this.#kept : this.#open
    const from = [this.#open, this.#kept].find((line) => line.has(job))
    if (from === to) return
    from?.remove(job)
    to?.add(job)
    // First what opens, so that nobody above is closed for a moment and has to enter anew.
    for (const line of [to, from]) if (line !== undefined) this.#above.refresh(line)
  }

  /** Puts a unit that needs more slots behind the others of its level. */
  begin(job: Job, unit: number, slots: number, held: readonly string[]): void {
    const level = job.urgent ? urgentLevel : job.priority
    this.#wait({ job, unit, slots, held, level, kept: job.isTail })
  }

  /** Gives one slot of a unit that was begun to somebody. */
  grant(begun: Begun, apart: readonly string[]): void {
    begun.slots--
    if (begun.slots === 0) this.drop(begun)
    else begun.held = [...begun.held, ...apart]
  }

  /** Takes out a unit that was begun: it needs nothing more. */
  drop(begun: Begun): void {
    this.#above.refresh(this.#remove(begun))
  }

  /** What a job at risk has for a node: what was begun of such jobs, then its next fresh unit. */
  findUrgent(job: Job, search: Search): Found | undefined {
    for (const list of this.#waiting) {
      if (list.level < urgentLevel) break
      const found = list.open ? list.find(search) : undefined
      if (found !== undefined) return found
    }
    if (this.#open.has(job) || (this.#kept.has(job) && search.asker.swift)) return { job }
    search.refuse(this.#kept.has(job) ? 'tail' : 'apart')
    return undefined
  }

  /** Whatever the lane has for a node. */
  find(search: Search): Found | undefined {
    if (!search.may(this.needs)) return undefined
    for (const line of [...this.#waiting, this.#kept, this.#open]) {
      const found = line.open ? line.find(search) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  #remove(begun: Begun): Waiting {
    const { job, level, kept } = begun
    job.remove(begun)
    const list = this.#listOf(level, kept)
    list.remove(begun)
    return list
  }

  #wait(given: Omit<Begun, 'seq' | 'gone'>): void {
    const begun = { ...given, seq: this.#desk.count(), gone: false }
    const list = this.#listOf(begun.level, begun.kept)
    begun.job.put(begun)
    list.add(begun)
    if (begun.kept) this.#desk.keep(() => this.#free(begun))
    this.#above.refresh(list)
  }

  /** A unit of a tail that waited long enough is for any node. */
  #free(begun: Begun): void {
    if (begun.gone) return
    this.#wait({ ...begun, kept: false })
    this.drop(begun)
  }

  #keep(job: Job): void {
    job.tail = 'kept'
    this.#desk.keep(() => this.#release(job))
  }

  #release(job: Job): void {
    job.tail = 'over'
    if (!this.#kept.has(job)) return
    this.settle(job)
  }

  #listOf(level: number, kept: boolean): Waiting {
    const known = this.#waiting.find((one) => one.level === level && one.kept === kept)
    if (known !== undefined) return known
    const list = new Waiting(this.needs, level, kept, this.#desk.count())
    this.#waiting.push(list)
    this.#waiting.sort((a, b) => b.level - a.level || Number(b.kept) - Number(a.kept))
    return list
  }
}
