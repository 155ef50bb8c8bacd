import { type Account, accounts, type Fact, type Purpose, transferId } from '@nexapod/specs'
import { ByNode } from './by-node.ts'
import type { Database } from './database.ts'
import type { Ranges } from './ranges.ts'
import type { Recent } from './recent.ts'
import type { Sums } from './sums.ts'

type Moved = Fact & { readonly type: 'transfer' }
type Settle = Purpose & { readonly type: 'settle' }

/** A slot of a unit, where credit is held until it is settled. */
export interface Slot {
  readonly job: number
  readonly unit: number
  readonly slot: number
}

/** Whose a slot is. */
export interface Whose {
  readonly owner: string
  readonly node: string
}

/** The entry that something stands in, on the chain of a number, and when that was. */
export interface At {
  readonly chain: number
  readonly seq: number
  readonly time: number
}

/** What is written to. */
export interface Tables {
  readonly database: Database
  readonly sums: Sums
  readonly ranges: Ranges
  readonly recent: Recent
}

interface Held {
  readonly owner: string | null
  readonly node: string | null
  readonly micro: number
}

const addToHelped = `insert into helped (micro, owner, job) values (?, ?, ?)
  on conflict do update set micro = micro + excluded.micro`

const addToBalance = `insert into balances (micro, account, chain) values (?, ?, ?)
  on conflict do update set micro = micro + excluded.micro`

/** Accounts whose history is kept: those of people and jobs. Holds are gone with their units. */
const kept = /^(owner|bond|escrow|bridge)\/|^slash$/

/**
 * Whose credit is where. What a verdict gives is pending until it is settled; it goes to its owner
 * then, or to the bond of a node that has yet to show itself, or back, if it was not right.
 */
export class Credits {
  readonly #database: Database
  readonly #sums: Sums
  readonly #ranges: Ranges
  readonly #recent: Recent
  readonly #byNode: ByNode
  readonly #numberOf: (job: string, at: At) => number

  constructor(
    { database, sums, ranges, recent }: Tables,
    numberOf: (job: string, at: At) => number,
  ) {
    this.#database = database
    this.#sums = sums
    this.#ranges = ranges
    this.#recent = recent
    this.#byNode = new ByNode(database, sums)
    this.#numberOf = numberOf
  }

  /** A verdict has shown whose slot it was: what is held there, and will be, is theirs. */
  own({ job, unit, slot }: Slot, whose: Whose, { time }: At): void {
    const database = this.#database
    const { owner, node } = whose
    database.run(
      `insert into owners (id, since) values (?, ?)
       on conflict do update set since = min(since, excluded.since)`,
      ...[owner, time],
    )
    database.run(
      `insert into holds values (?, ?, ?, ?, ?, 0)
       on conflict do update set owner = excluded.owner, node = excluded.node`,
      ...[job, unit, slot, owner, node],
    )
    const held = this.#hold({ job, unit, slot })?.micro ?? 0
    if (held > 0) this.#earned(whose, job, held, time)
  }

  /** A verdict agreed with what stands in a slot, or found it wrong. */
  judged(slot: Slot, what: 'agreed' | 'wrong', { time }: At): void {
    const node = this.#hold(slot)?.node
    if (typeof node === 'string') this.#byNode.add(node, what, 1, time)
  }

  /** Credit moved. What left another chain, or arrives from there, was earned but once. */
  moved(fact: Moved, at: At): void {
    const { purpose, from, to, micro } = fact
    this.#note(from, to, -micro, purpose, at)
    this.#note(to, from, micro, purpose, at)
    if (purpose.type === 'earn' || purpose.type === 'meter') this.#held(to, micro, at)
    if (purpose.type !== 'settle') return
    if (from.startsWith('bond/')) this.#endBond(purpose, to, micro, at)
    else this.#settled(fact, purpose, at)
  }

  /** A job has ended: all that was held of it is settled. */
  end(job: number): void {
    this.#database.run('delete from holds where job = ?', job)
  }

  #held(to: Account, micro: number, at: At): void {
    const { job, unit, slot } = this.#slotOf(to, at)
    this.#database.run(
      `insert into holds values (?, ?, ?, null, null, ?)
       on conflict do update set micro = micro + excluded.micro`,
      ...[job, unit, slot, micro],
    )
    this.#spent(job, micro)
    const { owner, node } = this.#hold({ job, unit, slot }) ?? {}
    if (typeof owner === 'string' && typeof node === 'string') {
      this.#earned({ owner, node }, job, micro, at.time)
    }
  }

  #settled({ from, to, micro }: Moved, purpose: Settle, where: At): void {
    const { chain, time } = where
    const slot = this.#slotOf(from, where)
    const { owner, node } = this.#hold(slot) ?? {}
    const { job, unit, slot: at } = slot
    this.#database.run(
      'update holds set micro = micro - ? where job = ? and unit = ? and slot = ?',
      ...[micro, job, unit, at],
    )
    const isPaid = to.startsWith('owner/') || to.startsWith('bond/')
    if (!isPaid) this.#spent(job, -micro)
    if (typeof owner !== 'string') return
    this.#change(owner, 'pending', -micro)
    if (to.startsWith('bond/')) {
      this.#change(owner, 'bonded', micro)
      this.#database.run('insert into bonds values (?, ?, ?)', transferId(purpose), chain, owner)
    } else if (!isPaid) {
      this.#lost(owner, micro, time)
      this.#sums.add(addToHelped, -micro, owner, job)
      if (typeof node === 'string') this.#byNode.add(node, 'micro', -micro, time)
    }
  }

  /** The end of a bond that was earned; of one that an owner left, nothing was earned. */
  #endBond({ of }: Settle, to: Account, micro: number, { chain, time }: At): void {
    const bond = this.#database.one<{ owner: string }>(
      'select owner from bonds where id = ? and chain = ?',
      ...[of, chain],
    )
    if (bond === undefined) return
    this.#database.run('delete from bonds where id = ? and chain = ?', of, chain)
    this.#change(bond.owner, 'bonded', -micro)
    if (!to.startsWith('owner/')) this.#lost(bond.owner, micro, time)
  }

  #earned({ owner, node }: Whose, job: number, micro: number, time: number): void {
    this.#byNode.add(node, 'micro', micro, time)
    this.#change(owner, 'pending', micro)
    this.#count(owner, micro, time)
    this.#sums.add(addToHelped, micro, owner, job)
  }

  #lost(owner: string, micro: number, time: number): void {
    this.#count(owner, -micro, time)
  }

  #count(owner: string, micro: number, time: number): void {
    this.#change(owner, 'micro', micro)
    this.#ranges.add(owner, micro, time)
    this.#recent.add(owner, micro, time)
  }

  #change(owner: string, what: 'micro' | 'pending' | 'bonded', by: number): void {
    this.#sums.add(`update owners set ${what} = ${what} + ? where id = ?`, by, owner)
  }

  /** Work for a job was paid, or was not after all. */
  #spent(job: number, micro: number): void {
    this.#sums.add('update jobs set micro = micro + ? where number = ?', micro, job)
    this.#sums.add(
      `update projects set micro = micro + ?
       where name = (select project from jobs where number = ?)`,
      ...[micro, job],
    )
  }

  #hold({ job, unit, slot }: Slot): Held | undefined {
    return this.#database.one(
      'select owner, node, micro from holds where job = ? and unit = ? and slot = ?',
      ...[job, unit, slot],
    )
  }

  #slotOf(hold: Account, at: At): Slot {
    const [, job = '', unit, slot] = hold.split('/')
    return { job: this.#numberOf(job, at), unit: Number(unit), slot: Number(slot) }
  }

  #note(account: Account, other: Account, micro: number, { type }: Purpose, at: At): void {
    const { chain, seq, time } = at
    const isKept = kept.test(account)
    if (isKept || account === accounts.mint) this.#sums.add(addToBalance, micro, account, chain)
    if (!isKept) return
    this.#database.run('insert into accounts (name) values (?) on conflict do nothing', account)
    this.#database.run(
      `insert into moves (account, chain, seq, time, micro, other, purpose)
       values ((select number from accounts where name = ?), ?, ?, ?, ?, ?, ?)`,
      ...[account, chain, seq, time, micro, other, type],
    )
  }
}
