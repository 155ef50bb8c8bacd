import type { Database } from './database.ts'
import { Order } from './order.ts'
import type { Range } from './ranges.ts'

/** What owners stand in an order by: what they earned in all or lately, or the recent average. */
export type Board = 'all' | Range | 'recent'

const triggers = `
create temp trigger owners_placed after update of micro, recent on owners begin
  select placed('all', new.id, new.micro), placed('recent', new.id, new.recent);
end;
create temp trigger ranges_new after insert on ranges begin
  select placed(new.range, new.owner, new.micro);
end;
create temp trigger ranges_placed after update on ranges begin
  select placed(new.range, new.owner, new.micro);
end;
create temp trigger ranges_gone after delete on ranges begin
  select placed(old.range, old.owner, 0);
end;
`

/**
 * The place of every owner on every board. It is in memory, made of the tables when they are
 * opened, and told of each change by them: whoever writes a number writes it in one place.
 */
export class Places {
  readonly #database: Database
  #orders = noOrders()

  constructor(database: Database) {
    this.#database = database
    this.read()
    database.notice('placed', (board, owner, value) => {
      this.#orders[board as Board].set(String(owner), Number(value))
    })
    database.exec(triggers)
  }

  /** Reads all of it from the tables, whatever was known before. */
  read(): void {
    const database = this.#database
    this.#orders = noOrders()
    // In their order: who comes last is put behind all others, which moves nobody.
    const owners = 'select id, micro, recent from owners order by micro desc, id desc'
    for (const row of database.all<{ id: string; micro: number; recent: number }>(owners)) {
      this.#orders.all.set(row.id, row.micro)
      this.#orders.recent.set(row.id, row.recent)
    }
    const ranges = 'select range, owner, micro from ranges order by micro desc, owner desc'
    for (const row of database.all<{ range: Range; owner: string; micro: number }>(ranges)) {
      this.#orders[row.range].set(row.owner, row.micro)
    }
  }

  /** The owners of a board in their order. */
  on(board: Board): Omit<Order, 'set'> {
    return this.#orders[board]
  }
}

function noOrders(): { readonly [board in Board]: Order } {
  return {
    ...{ all: new Order(), recent: new Order() },
    ...{ day: new Order(), week: new Order(), month: new Order() },
  }
}
