import type { JobNeeds, Trust } from '../match/needs.ts'
import type { Wanted } from '../verdict/vote.ts'
import { Fresh } from './fresh.ts'
import { type Begun, type Job, type Kind, urgentLevel, type Wait } from './job.ts'
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

const trusts: Readonly<Record<Wanted['from'], Trust>> = { any: 0, anchor: 1, own: 2 }

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
  /** One list for each kind, as they came. */
  #waiting: readonly Waiting[] = []
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

  /** Leaves out a job, with all that it wanted. */
  close(job: Job): void {
    const lines = this.#leaveOut(job)
    for (const begun of job.empty()) this.#takeOut(begun, lines)
    this.#refresh(lines)
  }

  /** Leaves a job to another lane, with all that it wants. */
  move(job: Job, to: Lane): void {
    const lines = this.#leaveOut(job)
    // Nobody would release it there: its tail has been kept long enough.
    if (job.tail === 'kept') job.tail = 'over'
    to.open(job)
    for (const begun of [...job.empty()]) {
      const wanted = begun.waits.flatMap((wait) => wait.wanted)
      to.begin(job, begun.unit, wanted, begun.held)
      this.#takeOut(begun, lines)
    }
    this.#refresh(lines)
  }

  /** Puts the fresh units of a job where they belong now. */
  settle(job: Job): void {
    if (job.tail === 'ahead') {
      // Nearly always a unit was begun of many, and nothing is different.
      if (job.fresh > 0 && !job.isTail && !job.isPaused && this.#open.has(job)) return
      if (job.isTail) this.#keep(job)
    }
    const line = job.tail === 'kept' ? this.#kept : this.#open
    const to = job.fresh === 0 || job.isPaused ? undefined : line
    const from = [this.#open, this.#kept].find((line) => line.has(job))
    if (from === to) return
    from?.remove(job)
    to?.add(job)
    // First what opens, so that nobody above is closed for a moment and has to enter anew.
    for (const one of [to, from]) if (one !== undefined) this.#above.refresh(one)
  }

  /** Puts a unit that wants executions behind the others that want the like. */
  begin(job: Job, unit: number, wanted: readonly Wanted[], held: readonly string[]): void {
    const level = job.urgent ? urgentLevel : job.priority
    this.#begin({ job, unit, level, kept: job.isTail, held, waits: [] }, wanted)
  }

  /** Says what else a unit wants that was begun. Where it waits already it keeps its place. */
  want(begun: Begun, wanted: readonly Wanted[]): void {
    const was = begun.waits
    begun.waits = this.#waitsOf(begun, wanted)
    for (const wait of was) if (!begun.waits.includes(wait)) this.#leave(wait)
  }

  /** Gives an execution of a unit to somebody; says which of those that it wanted. */
  grant(wait: Wait, apart: readonly string[]): Wanted {
    const { begun, wanted } = wait
    const [first] = wanted
    if (first === undefined) throw new Error(`unit ${begun.unit} waits and wants nothing`)
    begun.held = [...begun.held, ...apart]
    if (wanted.length > 1) {
      wait.wanted = wanted.slice(1)
      return first
    }
    begun.waits = begun.waits.filter((one) => one !== wait)
    if (begun.waits.length === 0) begun.job.remove(begun)
    this.#leave(wait)
    return first
  }

  /** Takes out a unit that was begun: it wants nothing more. */
  drop(begun: Begun): void {
    const { waits } = begun
    begun.job.remove(begun)
    begun.waits = []
    for (const wait of waits) this.#leave(wait)
  }

  /** What a job at risk has for a node: what was begun of such jobs, or its next fresh unit. */
  findUrgent(job: Job, search: Search): Found | undefined {
    return search.either(
      () => this.#findWaiting(search, urgentLevel),
      () => {
        if (this.#open.has(job) || (this.#kept.has(job) && search.asker.swift)) return { job }
        search.refuse(this.#kept.has(job) ? 'tail' : 'apart')
        return undefined
      },
    )
  }

  /** Whatever the lane has for a node. */
  find(search: Search): Found | undefined {
    if (!search.may(this.needs)) return undefined
    return search.either(
      () => this.#findWaiting(search, 0),
      () => findIn(this.#kept, search) ?? findIn(this.#open, search),
    )
  }

  #findWaiting(search: Search, level: number): Found | undefined {
    // Which of them has the oldest unit changes with each that is given.
    const lists = this.#waiting.filter(({ open, kind }) => open && kind.level >= level)
    for (const list of lists.sort((a, b) => a.rank - b.rank)) {
      const found = findIn(list, search)
      if (found !== undefined) return found
    }
    return undefined
  }

  #begin(begun: Begun, wanted: readonly Wanted[]): void {
    begun.job.put(begun)
    begun.waits = this.#waitsOf(begun, wanted)
    if (begun.kept) this.#desk.keep(() => this.#free(begun))
  }

  /** Where a unit waits for what it wants: in one list for each kind of that. */
  #waitsOf(begun: Begun, wanted: readonly Wanted[]): Wait[] {
    const waits: Wait[] = []
    for (const one of wanted) {
      const list = this.#listOf(begun, one)
      const wait = waits.find(({ kind }) => kind === list.kind)
      if (wait === undefined) waits.push(this.#wait(begun, list, one))
      else wait.wanted = [...wait.wanted, one]
    }
    return waits
  }

  #wait(begun: Begun, list: Waiting, one: Wanted): Wait {
    const { kind } = list
    const known = begun.waits.find((other) => other.kind === kind)
    if (known !== undefined) {
      known.wanted = [one]
      return known
    }
    const wait = { begun, kind, seq: this.#desk.count(), wanted: [one], gone: false }
    list.add(wait)
    this.#above.refresh(list)
    return wait
  }

  #leave(wait: Wait): void {
    this.#above.refresh(this.#remove(wait))
  }

  #remove(wait: Wait): Waiting {
    const list = this.#waiting.find(({ kind }) => kind === wait.kind) as Waiting
    list.remove(wait)
    // Anybody can name a platform of his own: no list of it stays behind.
    if (!list.open && list.kind.platform !== undefined) {
      this.#waiting = this.#waiting.filter((one) => one !== list)
    }
    return list
  }

  /** A job leaves the lane, and its fresh units their line. */
  #leaveOut(job: Job): Set<Line> {
    this.jobs--
    const lines = new Set<Line>([this.#open, this.#kept].filter((line) => line.has(job)))
    for (const line of lines) if (line instanceof Fresh) line.remove(job)
    return lines
  }

  /** Takes a unit out of its lists, which are to be refreshed. */
  #takeOut(begun: Begun, lines: Set<Line>): void {
    for (const wait of begun.waits) lines.add(this.#remove(wait))
    begun.waits = []
  }

  /** Once for each line, not for each unit: there may be a million. */
  #refresh(lines: ReadonlySet<Line>): void {
    for (const line of lines) this.#above.refresh(line)
  }

  /** A unit of a tail that waited long enough is for any node. */
  #free(begun: Begun): void {
    if (begun.waits.length === 0) return
    const wanted = begun.waits.flatMap((wait) => wait.wanted)
    this.#begin({ ...begun, kept: false, waits: [] }, wanted)
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

  #listOf({ level, kept }: Begun, { from, platform }: Wanted): Waiting {
    const trust = trusts[from]
    const known = this.#waiting.find(({ kind }) => {
      if (kind.level !== level || kind.kept !== kept) return false
      return kind.trust === trust && kind.platform === platform
    })
    if (known !== undefined) return known
    const kind = { level, kept, trust, platform }
    const list = new Waiting(needsOfKind(this.needs, kind), kind, this.#desk.count())
    this.#waiting = [...this.#waiting, list]
    return list
  }
}

/** What a class needs for an execution of a kind. */
function needsOfKind(needs: JobNeeds, { trust, platform }: Kind): JobNeeds {
  if (trust === 0 && platform === undefined) return needs
  return { ...needs, ...(trust > 0 ? { trust } : {}), ...(platform ? { platform } : {}) }
}

function findIn(line: Line, search: Search): Found | undefined {
  return line.open && search.may(line.needs) ? line.find(search) : undefined
}
