import type { ChainId } from '@nexapod/specs'
import type { Database } from './database.ts'
import type { Board, Places } from './places.ts'
import type { Ranges } from './ranges.ts'
import type { Recent } from './recent.ts'

/** A job as the entries have it. */
export interface JobFound {
  /** The higher, the newer. */
  readonly number: number
  /** Its home. */
  readonly chain: ChainId
  readonly id: string
  readonly seq: number
  readonly time: number
  readonly publisher: string
  readonly name: string
  readonly project: string | null
  readonly units: number
  readonly accepted: number
  readonly dead: number
  readonly micro: number
  readonly state: 'open' | 'final' | 'dead' | 'cancelled'
  readonly ended: number | null
}

/** The last verdict on a unit. */
export interface UnitFound {
  readonly unit: number
  readonly decided: 'accepted' | 'poisoned' | 'expired' | 'split' | 'cancelled'
  readonly seq: number
}

/** What an owner has earned, in micro-credits. */
export interface OwnerFound {
  readonly id: string
  readonly since: number
  readonly micro: number
  readonly pending: number
  readonly bonded: number
  /** The recent average, for each day. */
  readonly recentMicro: number
}

/** An owner on a board. */
export interface Leader {
  readonly rank: number
  readonly id: string
  /** Earned in the range of the board; in all, if it has none. */
  readonly micro: number
  readonly recentMicro: number
  /** By how many places it stands higher in the shorter range than in the next longer one. */
  readonly climbs?: number
}

/** What an owner earned on a day of UTC. */
export interface Day {
  readonly day: number
  readonly micro: number
}

/** A job that an owner has earned with. */
export interface Helped {
  readonly number: number
  readonly id: string
  readonly name: string
  readonly project: string | null
  readonly state: JobFound['state']
  readonly micro: number
}

/** A project, and what was done for it. */
export interface ProjectFound {
  readonly name: string
  readonly jobs: number
  readonly open: number
  readonly units: number
  readonly accepted: number
  readonly micro: number
  readonly since: number
}

/** What jobs are looked for by. */
export interface JobsWanted {
  readonly state?: string
  readonly publisher?: string
  readonly project?: string
}

const jobColumns = `number, (select id from chains where number = jobs.chain) as chain,
  id, seq, time, publisher, name, project, units, accepted, dead, micro, state, ended`

/** The two ranges whose places are compared on a board: the tendency is that of the shorter. */
const compared: { readonly [board in Board]: readonly [shorter: Board, longer: Board] } = {
  all: ['month', 'all'],
  recent: ['recent', 'all'],
  month: ['month', 'all'],
  week: ['week', 'month'],
  day: ['day', 'week'],
}

/** How every key of an owner begins. */
const common = '12D3KooW'

/** All that begins alike is below this. */
const last = '\u{10ffff}'

/** What a reader reads. */
interface Read {
  readonly database: Database
  readonly ranges: Ranges
  readonly recent: Recent
  readonly places: Places
  wall(): number
}

/** Answers from the tables of a register, a page at a time: each is found by an index. */
export class Reader {
  readonly #database: Database
  readonly #read: Read

  constructor(read: Read) {
    this.#database = read.database
    this.#read = read
  }

  /** The jobs below a number, the newest first. */
  jobs(wanted: JobsWanted, below: number, count: number): JobFound[] {
    const by = Object.entries(wanted).filter(([, value]) => value !== undefined)
    const where = [...by.map(([column]) => `${column} = ?`), 'number < ?'].join(' and ')
    return this.#database.all(
      `select ${jobColumns} from jobs where ${where} order by number desc limit ?`,
      ...[...by.map(([, value]) => String(value)), below, count],
    )
  }

  job(id: string): JobFound | undefined {
    return this.#database.one(`select ${jobColumns} from jobs where id = ?`, id)
  }

  /** The last verdicts on units of a job, from one on, as far as they have one. */
  units(job: number, from: number, count: number): UnitFound[] {
    return this.#database.all(
      `select unit, decided, seq from units where job = ? and unit >= ? and unit < ? order by unit`,
      ...[job, from, from + count],
    )
  }

  /** Accepted units of a job, from one on. */
  accepted(job: number, from: number, count: number): UnitFound[] {
    return this.#database.all(
      `select unit, decided, seq from units
       where job = ? and decided = 'accepted' and unit >= ? order by unit limit ?`,
      ...[job, from, count],
    )
  }

  /** Whether a job that has not ended needs some data. */
  needs(cid: string): boolean {
    return this.#database.one('select job from data where cid = ? limit 1', cid) !== undefined
  }

  owner(id: string): OwnerFound | undefined {
    const { recent, wall } = this.#read
    const row = this.#database.one<Omit<OwnerFound, 'recentMicro'> & { recent: number }>(
      'select id, since, micro, pending, bonded, recent from owners where id = ?',
      id,
    )
    if (row === undefined) return undefined
    const { recent: kept, ...found } = row
    return { ...found, recentMicro: recent.perDay(kept, wall()) }
  }

  /** The owners of a board, from a place on. */
  leaders(board: Board, place: number, count: number): Leader[] {
    const order = this.#order(board)
    return order.from(place, count).map(({ id }, i) => this.#leader(board, id, place + i))
  }

  /** Some of them, wherever they stand, in their order. */
  leadersAmong(board: Board, ids: Iterable<string>, count: number): Leader[] {
    const order = this.#order(board)
    const found = [...ids].flatMap((id) => {
      const rank = order.placeOf(id)
      return rank === undefined ? [] : [{ id, rank }]
    })
    found.sort((a, b) => a.rank - b.rank)
    return found.slice(0, count).map(({ id, rank }) => this.#leader(board, id, rank))
  }

  /** How many owners a board has. */
  ownersOn(board: Board): number {
    return this.#order(board).size
  }

  /** Where an owner stands on a board, if it does. */
  placeOf(board: Board, id: string): number | undefined {
    return this.#order(board).placeOf(id)
  }

  /** Owners whose key begins so, behind what all keys have in common or with it, or ends so. */
  ownersLike(key: string, count: number): string[] {
    const from = key.startsWith(common) ? key : common + key
    const begin = this.#database.all<{ id: string }>(
      'select id from owners where id >= ? and id < ? limit ?',
      ...[from, from + last, count],
    )
    const end = this.#database.all<{ id: string }>(
      'select id from owners where substr(id, -8) >= ? and substr(id, -8) < ? limit ?',
      ...[key, key + last, count],
    )
    return [...begin, ...end].map(({ id }) => id)
  }

  /** What an owner has earned in each range. */
  lately(owner: string): { readonly day: number; readonly week: number; readonly month: number } {
    const of = (board: Board) => this.#order(board).of(owner)
    return { day: of('day'), week: of('week'), month: of('month') }
  }

  /** The last days on which an owner earned or lost something, the newest first. */
  daysOf(owner: string, count: number): Day[] {
    const sql = 'select day, micro from days where owner = ? order by day desc limit ?'
    return this.#database.all(sql, owner, count)
  }

  /** How many jobs an owner has earned with. */
  jobsHelped(owner: string): number {
    const sql = 'select count(*) as jobs from helped where owner = ? and micro > 0'
    return this.#database.one<{ jobs: number }>(sql, owner)?.jobs ?? 0
  }

  /** These jobs, the newest first, below a number. */
  helped(owner: string, below: number, count: number): Helped[] {
    return this.#database.all(
      `select number, id, name, project, state, helped.micro from helped
       join jobs on number = job
       where owner = ? and job < ? and helped.micro > 0 order by job desc limit ?`,
      ...[owner, below, count],
    )
  }

  #order(board: Board) {
    this.#read.ranges.advance(this.#read.wall())
    return this.#read.places.on(board)
  }

  #leader(board: Board, id: string, rank: number): Leader {
    const { places, recent, wall } = this.#read
    const [shorter, longer] = compared[board].map((one) => places.on(one).placeOf(id))
    const climbs = shorter === undefined || longer === undefined ? {} : { climbs: longer - shorter }
    const recentMicro = recent.perDay(places.on('recent').of(id), wall())
    const micro = places.on(board === 'recent' ? 'all' : board).of(id)
    return { rank, id, micro: Math.max(0, micro), recentMicro, ...climbs }
  }

  /** Nodes that an owner has delegations to at a time, in the order of their ids. */
  nodesOf(owner: string, time: number, after: string, count: number): string[] {
    const sql = `select distinct node from delegations
      where owner = ? and node > ? and expires > ? order by node limit ?`
    const rows = this.#database.all<{ node: string }>(sql, owner, after, time, count)
    return rows.map(({ node }) => node)
  }

  /** Projects in the order of their names. */
  projects(after: string, count: number): ProjectFound[] {
    return this.#database.all(
      `select name, jobs, open, units, accepted, micro, since from projects
       where name > ? order by name limit ?`,
      ...[after, count],
    )
  }

  project(name: string): ProjectFound | undefined {
    return this.#database.one(
      'select name, jobs, open, units, accepted, micro, since from projects where name = ?',
      name,
    )
  }
}
