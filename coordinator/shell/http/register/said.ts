import type { PeerId } from '@nexapod/specs'
import type { Said, View } from '../../home/view.ts'
import { Costly } from './costly.ts'
import type { Database } from './database.ts'

/** In memory alone: what is taken away there is nowhere. */
const tables = `
attach ':memory:' as beside;
create table beside.said (
  owner text primary key, name text, country text, team text, exported integer not null
) strict, without rowid;
create index beside.said_by_country on said (country) where country is not null;
create index beside.said_by_team on said (team) where team is not null;
create index beside.said_by_exported on said (exported, owner) where exported = 1;
create table beside.words (
  word text not null, owner text not null, primary key (word, owner)
) strict, without rowid;
create index beside.words_by_owner on words (owner);
`

/** By so many of its words a name is found. */
const wordsMax = 8

/** Rows that are read at once. */
const atOnce = 256

/** All that begins alike is below this. */
const last = '\u{10ffff}'

/** A country of enough owners that none of them stands alone. */
export interface Country {
  readonly country: string
  readonly owners: number
  readonly micro: number
}

/** Those who say that they are of one team. */
export interface Team {
  readonly team: string
  readonly owners: number
  readonly micro: number
}

/** Of fewer owners than this a country is not named. */
const countryOwnersMin = 5

/**
 * What owners say of themselves, arranged so that they are found by it. It stands beside the chain,
 * is read from there when the register is opened, and again for who says something else.
 */
export class SaidOf implements AsyncDisposable {
  readonly #database: Database
  readonly #view: Pick<View, 'said' | 'sayers'>
  readonly #costly: Costly
  #reading: Promise<void>
  #isOver = false

  constructor(database: Database, view: Pick<View, 'said' | 'sayers'>, costly = new Costly()) {
    this.#database = database
    this.#costly = costly
    this.#view = view
    database.exec(tables)
    const all = view.sayers((owner) => {
      this.#reading = this.#reading.then(() => this.#read(owner))
    })
    this.#reading = this.#readAll(all)
  }

  /** Resolves when all is read that was said until now. */
  async caughtUp(): Promise<void> {
    await this.#reading
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#reading
  }

  /** What an owner says of itself. */
  of(owner: string): Said {
    const row = this.#database.one<Row & object>('select * from said where owner = ?', owner)
    return row === undefined ? {} : saidIn(row)
  }

  /** Owners of whose name a word begins so. */
  named(text: string, count: number): string[] {
    const word = folded(text)
    if (word === '') return []
    const rows = this.#database.all<{ owner: string }>(
      'select owner from words where word >= ? and word < ? limit ?',
      ...[word, word + last, count],
    )
    return rows.map(({ owner }) => owner)
  }

  /** Owners who say that they are of a team. */
  teamOf(team: string): string[] {
    const sql = 'select owner from said where team = ?'
    return this.#database.all<{ owner: string }>(sql, team).map(({ owner }) => owner)
  }

  /** Countries of at least five owners who have earned something, and how many are in others. */
  countries(): { readonly items: Country[]; readonly others: number } {
    const rows = this.#costly.of('countries', () => {
      return this.#database.all<Country & object>(
        `select country, count(*) as owners, sum(micro) as micro from said
         join owners on id = owner where country is not null and micro > 0
         group by country order by owners desc, country`,
      )
    })
    const items = rows.filter(({ owners }) => owners >= countryOwnersMin)
    const all = rows.reduce((sum, { owners }) => sum + owners, 0)
    return { items, others: items.reduce((rest, { owners }) => rest - owners, all) }
  }

  /** The teams whose owners have earned most. */
  teams(count: number): Team[] {
    return this.#costly.of(`teams ${count}`, () => {
      return this.#database.all<Team & object>(
        `select team, count(*) as owners, sum(micro) as micro from said
         join owners on id = owner where team is not null and micro > 0
         group by team order by micro desc, team limit ?`,
        count,
      )
    })
  }

  /** Owners behind one, by their ids, who want to be in lists of others. */
  exported(after: string, count: number): { readonly id: string; readonly said: Said }[] {
    const rows = this.#database.all<Row & { owner: string }>(
      'select * from said where exported = 1 and owner > ? order by owner limit ?',
      ...[after, count],
    )
    return rows.map((row) => ({ id: row.owner, said: saidIn(row) }))
  }

  async #readAll(owners: readonly PeerId[]): Promise<void> {
    for (let from = 0; from < owners.length && !this.#isOver; from += atOnce) {
      await Promise.all(owners.slice(from, from + atOnce).map((owner) => this.#read(owner)))
    }
  }

  async #read(owner: PeerId): Promise<void> {
    const answer = await this.#view.said(owner)
    // A refusal is of the disk, and ends the coordinator as well.
    if (answer.ok) this.#put(owner, answer.value)
  }

  #put(owner: string, { name, country, team, exported }: Said): void {
    const database = this.#database
    database.run('delete from words where owner = ?', owner)
    database.run(
      'insert or replace into said values (?, ?, ?, ?, ?)',
      ...[owner, name ?? null, country ?? null, team ?? null, exported === true ? 1 : 0],
    )
    for (const word of beginningsOf(folded(name ?? ''))) {
      database.run('insert or ignore into words values (?, ?)', word, owner)
    }
  }
}

interface Row {
  readonly name: string | null
  readonly country: string | null
  readonly team: string | null
  readonly exported: number
}

function saidIn({ name, country, team, exported }: Row): Said {
  return {
    ...(name === null ? {} : { name }),
    ...(country === null ? {} : { country }),
    ...(team === null ? {} : { team }),
    ...(exported === 1 ? { exported: true } : {}),
  }
}

/** A name as it is looked for: without case and accents. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim()
}

/** The name from each of its words on, so that each of them is found. */
function beginningsOf(name: string): string[] {
  const starts = [...name.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].slice(0, wordsMax)
  return name === '' ? [] : [name, ...starts.map(({ index }) => name.slice(index))]
}
