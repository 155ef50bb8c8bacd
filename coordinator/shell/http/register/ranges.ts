import type { Database } from './database.ts'
import type { Sums } from './sums.ts'

const hourMs = 3_600_000
const dayHours = 24

/** How many hours a range of the wall is long; all of them is no range. */
const hoursOf = { day: 24, week: 7 * 24, month: 30 * 24 } as const

/** A range of the wall that moves on with the time. */
export type Range = keyof typeof hoursOf

const all = Object.entries(hoursOf) as [Range, number][]

const addToHour = `insert into hours (micro, hour, owner) values (?, ?, ?)
  on conflict do update set micro = micro + excluded.micro`
const addToDay = `insert into days (micro, owner, day) values (?, ?, ?)
  on conflict do update set micro = micro + excluded.micro`
const addToRange = `insert into ranges (micro, range, owner) values (?, ?, ?)
  on conflict do update set micro = micro + excluded.micro`

/**
 * What owners earned in the last so many hours, and on each day. Each hour is added up once and
 * taken away once, so that the order is at hand whenever somebody looks.
 */
export class Ranges {
  readonly #database: Database
  readonly #sums: Sums
  #hour: number

  constructor(database: Database, sums: Sums) {
    this.#database = database
    this.#sums = sums
    this.#hour = database.one<{ hour: number }>('select hour from about')?.hour ?? 0
  }

  /** An owner earned something; or has lost it, if it is below 0. */
  add(owner: string, micro: number, time: number): void {
    const hour = Math.floor(time / hourMs)
    this.advance(time)
    this.#sums.add(addToHour, micro, hour, owner)
    this.#sums.add(addToDay, micro, owner, Math.floor(hour / dayHours))
    for (const [range, hours] of all) {
      if (hour > this.#hour - hours) this.#sums.add(addToRange, micro, range, owner)
    }
  }

  /** Takes away what is too long ago at a time. */
  advance(time: number): void {
    const hour = Math.floor(time / hourMs)
    if (hour <= this.#hour) return
    this.#sums.flush()
    const database = this.#database
    for (const [range, hours] of all) {
      const gone = database.all<{ owner: string; micro: number }>(
        `select owner, sum(micro) as micro from hours where hour > ? and hour <= ? group by owner`,
        ...[this.#hour - hours, hour - hours],
      )
      for (const { owner, micro } of gone) database.run(addToRange, -micro, range, owner)
      if (gone.length > 0) database.run('delete from ranges where range = ? and micro = 0', range)
    }
    database.run('delete from hours where hour <= ?', hour - hoursOf.month)
    database.run('update about set hour = ?', hour)
    this.#hour = hour
  }
}
