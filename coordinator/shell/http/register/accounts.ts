import type { Account, ChainId, Purpose } from '@nexapod/specs'
import type { Database } from './database.ts'

/** What an account has on a chain. */
export interface Holding {
  readonly chain: ChainId
  readonly micro: number
}

/** Credit that came into an account, or left it. */
export interface Move {
  readonly number: number
  readonly chain: ChainId
  readonly seq: number
  readonly time: number
  readonly micro: number
  readonly other: Account
  readonly purpose: Purpose['type']
}

/** What is in an account, over all chains. */
export function sumOf(holdings: readonly Holding[]): number {
  return holdings.reduce((sum, { micro }) => sum + micro, 0)
}

/** Answers what is in accounts, and how it came: an account has a part on each chain. */
export class AccountReader {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** What is in an account on each chain where it is not empty, in the order of their ids. */
  holdings(account: Account): Holding[] {
    const [kind, job = '', unit, slot] = account.split('/')
    if (kind !== 'hold') {
      return this.#database.all(
        `select id as chain, micro from balances join chains on number = chain
         where account = ? and micro <> 0 order by id`,
        account,
      )
    }
    return this.#database.all(
      `select chains.id as chain, holds.micro from jobs
       join holds on holds.job = jobs.number join chains on chains.number = jobs.chain
       where jobs.id = ? and unit = ? and slot = ? and holds.micro <> 0`,
      ...[job, Number(unit), Number(slot)],
    )
  }

  /** What came into an account and left it on all chains: the newest first, behind one of them. */
  moves(account: Account, behind: number | undefined, count: number): Move[] {
    const before = behind === undefined ? latest : this.#placeOf(behind)
    if (before === undefined) return []
    return this.#database.all(
      `select number, (select id from chains where number = moves.chain) as chain,
         seq, time, micro, other, purpose from moves
       where account = (select number from accounts where name = ?)
         and (time, number) < (?, ?)
       order by time desc, number desc limit ?`,
      ...[account, before.time, before.number, count],
    )
  }

  #placeOf(number: number): typeof latest | undefined {
    return this.#database.one('select time, number from moves where number = ?', number)
  }
}

/** Behind this are all. */
const latest = { time: Number.MAX_SAFE_INTEGER, number: Number.MAX_SAFE_INTEGER }
