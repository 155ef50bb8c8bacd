import type { Ledger } from '../../../ledger/index.ts'
import {
  type Account,
  accounts,
  type ChainId,
  decode,
  type Entry,
  entrySchema,
  type OwnerId,
  transferId,
} from '../../../specs/index.ts'
import { allMicro, chains, owners } from './cast.ts'
import type { Home } from './home.ts'

/** What must never be, and was. */
class Overdraft extends Error {}

/** Credit that went over a bridge. */
interface Crossed {
  readonly owner: Account
  readonly over: Account
  readonly micro: number
}

/** One chain as it counts now, counted from its entries alone. */
interface Book {
  readonly epoch: number
  size: number
  readonly balances: Map<Account, number>
  readonly departed: Map<string, Crossed>
  readonly arrived: Map<string, Crossed>
}

/**
 * Counts all over again what the chains say, knowing nothing of ledger and core: what arrived
 * somewhere has departed elsewhere, once; nobody ever has less than nothing; and all that owners
 * have, with what is under way, is what there was at the beginning.
 */
export class Teller {
  readonly #books = new Map<ChainId, Book>()
  /** How often all was added up. */
  reads = 0

  /** Reads on in every chain, and adds all up. */
  read(homes: readonly Home[]): void {
    for (const home of homes) this.#read(home)
    this.#check()
  }

  /** Reads on in a chain; from its beginning, where a seal has cut it. */
  #read({ chain, epoch, scroll }: Home): void {
    let book = this.#books.get(chain)
    if (book === undefined || book.epoch !== epoch) {
      book = { epoch, size: 0, ...empty() }
      this.#books.set(chain, book)
      for (const { id } of owners) {
        book.balances.set(purse(id), allMicro / owners.length / chains.length)
      }
    }
    for (const bytes of scroll.entries.slice(book.size)) {
      const entry = decode(entrySchema, bytes)
      if (!entry.ok) throw new Overdraft('what was written is no entry')
      count(book, entry.value)
    }
  }

  /** Looks at a state as somebody has it: its sum is 0, and no account of an owner is below. */
  look({ state }: Ledger): void {
    let sum = 0
    for (const [account, { micro }] of state.balances.entries()) {
      sum += micro
      const mayOwe = account === accounts.mint || account.startsWith('bridge/')
      if (micro < 0 && !mayOwe) throw new Overdraft(`${account} is below 0: ${micro}`)
    }
    if (sum !== 0) throw new Overdraft(`the sum of a state is ${sum}`)
  }

  /** At the end nothing is under way any more. */
  end(): void {
    let underway = 0
    for (const { departed } of this.#books.values()) {
      for (const id of departed.keys()) if (!this.#arrivedAt(id)) underway++
    }
    if (underway > 0) throw new Overdraft(`${underway} departures arrived nowhere`)
  }

  #check(): void {
    this.reads++
    let spendable = 0
    let underway = 0
    for (const { balances, departed, arrived } of this.#books.values()) {
      for (const [account, micro] of balances) {
        if (account.startsWith('bridge/') || account === accounts.mint) continue
        if (micro < 0) throw new Overdraft(`${account} was overdrawn by ${-micro}`)
        spendable += micro
      }
      for (const [id, crossed] of departed) if (!this.#arrivedAt(id)) underway += crossed.micro
      for (const [id, crossed] of arrived) {
        const from = this.#books.get(id.slice(0, 64) as ChainId)?.departed.get(id)
        const isSame =
          from?.owner === crossed.owner &&
          from.over === crossed.over &&
          from.micro === crossed.micro
        if (!isSame) throw new Overdraft(`${crossed.micro} arrived that never departed so`)
      }
    }
    if (spendable + underway !== allMicro) {
      throw new Overdraft(`there is ${spendable} and ${underway} under way, of ${allMicro}`)
    }
  }

  #arrivedAt(id: string): boolean {
    for (const { arrived } of this.#books.values()) if (arrived.has(id)) return true
    return false
  }
}

function empty(): Pick<Book, 'balances' | 'departed' | 'arrived'> {
  return { balances: new Map(), departed: new Map(), arrived: new Map() }
}

function count(book: Book, { chain, facts }: Entry): void {
  book.size++
  for (const fact of facts) {
    if (fact.type !== 'transfer') continue
    const { purpose, from, to, micro } = fact
    add(book, from, -micro)
    add(book, to, micro)
    const owned = book.balances.get(from) ?? 0
    if (from.startsWith('owner/') && owned < 0) throw new Overdraft(`${from} was overdrawn`)
    if (purpose.type === 'depart') {
      const id = `${chain}/${transferId(purpose)}`
      if (book.departed.has(id)) throw new Overdraft('one departure departed twice')
      book.departed.set(id, { owner: purse(purpose.owner), over: to, micro })
    }
    if (purpose.type === 'arrive') {
      const id = `${purpose.from}/${purpose.departed}`
      if (book.arrived.has(id)) throw new Overdraft('one departure arrived twice')
      book.arrived.set(id, { owner: to, over: from, micro })
    }
  }
}

function add({ balances }: Book, account: Account, micro: number): void {
  balances.set(account, (balances.get(account) ?? 0) + micro)
}

function purse(owner: string): Account {
  return accounts.owner(owner as OwnerId)
}
