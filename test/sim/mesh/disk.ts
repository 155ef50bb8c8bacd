import type { Taken } from '../../../ledger/index.ts'
import { decode, encode, type Schema } from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import type { Clock } from './clock.ts'
import { between } from './draws.ts'

/** A row to be kept under its name; without a row, the name is forgotten. */
interface Named<R> {
  readonly name: string
  readonly row?: R
}

/** What was written at once: all of it is there, or nothing. */
interface Group {
  readonly entries: readonly Uint8Array[]
  readonly rows: readonly { readonly name: string; readonly row?: Uint8Array }[]
  /** Which group it is, and a check of all of it: what says that no byte is another. */
  readonly index: number
  readonly check: number
}

interface Waiting {
  readonly group: Group
  readonly synced: () => void
}

/** What a disk has after a crash. */
export interface Recovered<R> {
  readonly entries: readonly Uint8Array[]
  readonly rows: readonly { readonly name: string; readonly row: R }[]
}

/** Ways in which a disk breaks what it has. */
export const damages = ['flipped', 'cut', 'dropped', 'misdirected'] as const

/** The disk of a coordinator: slow, crashing, and sometimes not to be believed. */
export class Disk<R> {
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #schema: Schema<R>
  #groups: Group[] = []
  #waiting: Waiting[] = []
  /** How many groups were acknowledged, kept where their loss is seen. */
  #anchor = 0
  /** The life of the process: what an earlier one began is not finished. */
  #life = 0
  /** Of a thousand writes, how many take seconds. */
  slowPermille = 0

  constructor(clock: Clock, chance: Chance, schema: Schema<R>) {
    this.#clock = clock
    this.#chance = chance
    this.#schema = schema
  }

  write(taken: readonly Taken[], rows: readonly Named<R>[], synced: () => void): void {
    const entries = taken.map(({ bytes }) => bytes)
    const index = this.#groups.length + this.#waiting.length
    const group = { entries, rows: this.#written(rows), index }
    this.#waiting.push({ group: { ...group, check: checkOf(group) }, synced })
    if (this.#waiting.length === 1) this.#sync()
  }

  /** The process is gone: of what it was writing, a part may be there. */
  crash(): void {
    this.#life++
    const written = this.#chance.below(this.#waiting.length + 1)
    this.#groups.push(...this.#waiting.splice(0, written).map(({ group }) => group))
    const [torn] = this.#waiting
    if (torn !== undefined && this.#chance.once(2)) {
      this.#groups.push({ ...torn.group, check: torn.group.check ^ 1 })
    }
    this.#waiting = []
  }

  /** Breaks something that was acknowledged; false if there is nothing. */
  damage(kind: (typeof damages)[number]): boolean {
    const at = this.#chance.below(this.#anchor)
    const group = this.#groups[at]
    const other = this.#groups[(at + 1) % Math.max(1, this.#anchor)]
    if (group === undefined || other === undefined || group === other) return false
    if (kind === 'flipped') this.#groups[at] = flipped(group, this.#chance)
    if (kind === 'cut') this.#groups.length = at
    if (kind === 'dropped') this.#groups.splice(at, 1)
    if (kind === 'misdirected') this.#groups[at] = other
    return true
  }

  /** What is there after a crash; undefined if something that was acknowledged is not. */
  recover(): Recovered<R> | undefined {
    const sound = this.#groups.findIndex((group, i) => {
      return group.index !== i || group.check !== checkOf(group)
    })
    if (sound !== -1) this.#groups.length = sound
    if (this.#groups.length < this.#anchor) return undefined
    this.#anchor = this.#groups.length
    const rows = new Map<string, Uint8Array>()
    for (const { name, row } of this.#groups.flatMap((group) => group.rows)) {
      if (row === undefined) rows.delete(name)
      else rows.set(name, row)
    }
    return {
      entries: this.#groups.flatMap(({ entries }) => entries),
      rows: Array.from(rows, ([name, bytes]) => ({ name, row: this.#read(name, bytes) })),
    }
  }

  /** Begins anew with entries from elsewhere, and what can be had from them. */
  rebuild(entries: readonly Uint8Array[], rows: readonly Named<R>[]): void {
    const group = { entries, rows: this.#written(rows), index: 0 }
    this.#groups = [{ ...group, check: checkOf(group) }]
    this.#anchor = 1
  }

  #written(rows: readonly Named<R>[]): Group['rows'] {
    return rows.map(({ name, row }) => {
      return row === undefined ? { name } : { name, row: encode(this.#schema, row) }
    })
  }

  #read(name: string, bytes: Uint8Array): R {
    const read = decode(this.#schema, bytes)
    if (read.ok) return read.value
    throw new Error(`the row ${name} was written and cannot be read: ${read.refusal.code}`)
  }

  /** Writes all that waits by now, and then what came meanwhile. */
  #sync(): void {
    const life = this.#life
    const count = this.#waiting.length
    const isSlow = this.#chance.below(1000) < this.slowPermille
    this.#clock.after(between(this.#chance, 1, isSlow ? 8000 : 12), () => {
      if (life !== this.#life) return
      const written = this.#waiting.splice(0, count)
      this.#groups.push(...written.map(({ group }) => group))
      this.#anchor = this.#groups.length
      if (this.#waiting.length > 0) this.#sync()
      for (const { synced } of written) {
        if (life === this.#life) synced()
      }
    })
  }
}

function flipped(group: Group, chance: Chance): Group {
  const [bytes = new Uint8Array(), ...rest] = group.entries
  if (bytes.length === 0) return { ...group, check: group.check ^ 1 }
  const at = chance.below(bytes.length)
  return { ...group, entries: [bytes.with(at, (bytes[at] as number) ^ 1), ...rest] }
}

function checkOf({ entries, rows, index }: Omit<Group, 'check'>): number {
  let check = index
  for (const bytes of [...entries, ...rows.map(({ row }) => row ?? new Uint8Array())]) {
    check = Math.imul(check ^ bytes.length, 0x85ebca6b)
    for (const byte of bytes) check = Math.imul(check ^ byte, 0x01000193)
  }
  return check
}
