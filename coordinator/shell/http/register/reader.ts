import type { Account, Purpose } from '@nexapod/specs'
import type { Database } from './database.ts'
import { hoursOf, type Range, type Ranges } from './ranges.ts'

/** A job as the entries have it. */
export interface JobFound {
  readonly number: number
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

/** Credit that came into an account, or left it. */
export interface Move {
  readonly number: number
  readonly seq: number
  readonly time: number
  readonly micro: number
  readonly other: Account
  readonly purpose: Purpose['type']
}

/** What jobs are looked for by. */
export interface JobsWanted {
  readonly state?: string
  readonly publisher?: string
  readonly project?: string
}

const jobColumns =
  'number, id, seq, time, publisher, name, project, units, accepted, dead, micro, state, ended'

/** Answers from the tables of a register, a page at a time: each is found by an index. */
export class Reader {
  readonly #database: Database
  readonly #ranges: Ranges
  readonly #wall: () => number

  constructor(database: Database, ranges: Ranges, wall: () => number) {
    this.#database = database
    this.#ranges = ranges
    this.#wall = wall
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
    return this.#database.one(
      'select id, since, micro, pending, bonded from owners where id = ?',
      id,
    )
  }

  /** Owners in the order of what they have earned in all, from a place on. */
  leaders(below: { readonly micro: number; readonly id: string }, count: number): OwnerFound[] {
    return this.#database.all(
      `select id, since, micro, pending, bonded from owners
       where (micro, id) < (?, ?) and micro > 0 order by micro desc, id desc limit ?`,
      ...[below.micro, below.id, count],
    )
  }

  /** The same of what they have earned lately. */
  leadersOf(
    range: Range,
    below: { readonly micro: number; readonly id: string },
    count: number,
  ): { readonly id: string; readonly micro: number }[] {
    this.#ranges.advance(this.#wall())
    return this.#database.all(
      `select owner as id, micro from ranges
       where range = ? and (micro, owner) < (?, ?) and micro > 0
       order by micro desc, owner desc limit ?`,
      ...[range, below.micro, below.id, count],
    )
  }

  /** What an owner has earned in each range. */
  lately(owner: string): { readonly [range in Range]: number } {
    this.#ranges.advance(this.#wall())
    const of = (range: Range) => {
      const sql = 'select micro from ranges where range = ? and owner = ?'
      return this.#database.one<{ micro: number }>(sql, range, owner)?.micro ?? 0
    }
    return { day: of('day'), week: of('week'), month: of('month') }
  }

  /** How many whole days a range has. */
  daysOf(range: Range): number {
    return hoursOf[range] / 24
  }

  /** Nodes that an owner has delegations to at a time, in the order of their ids. */
  nodesOf(owner: string, time: number, after: string, count: number): string[] {
    const sql = `select node from delegations
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

  /** What came into an account and left it, the newest first. */
  moves(account: string, below: number, count: number): Move[] {
    return this.#database.all(
      `select number, seq, time, micro, other, purpose from moves
       where account = (select number from accounts where name = ?) and number < ?
       order by number desc limit ?`,
      ...[account, below, count],
    )
  }
}
