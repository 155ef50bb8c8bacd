import type { Database } from './database.ts'
import type { Sums } from './sums.ts'

const hourMs = 3_600_000

/** What verdicts said of the results of a node, and what it earned by them. */
interface NodeSums {
  readonly agreed: number
  readonly wrong: number
  readonly micro: number
}

/** The same within an hour since 1970. */
interface NodeHour extends NodeSums {
  readonly hour: number
}

/** How many hours are kept: two days, as its owner looks at them. */
export const nodeHours = 48

type What = keyof NodeSums

/** Statements by what they add to, for all that a node did and for an hour of it. */
const toAll = sqlOf('nodes', ['node'])
const toHour = sqlOf('node_hours', ['node', 'hour'])

/** What each node did, in all and by the hour: for its owner, who has no ledger to read. */
export class ByNode {
  readonly #database: Database
  readonly #sums: Sums
  #hour = 0

  constructor(database: Database, sums: Sums) {
    this.#database = database
    this.#sums = sums
  }

  /** A node did something, or lost by it what it had earned. */
  add(node: string, what: What, by: number, time: number): void {
    const hour = Math.floor(time / hourMs)
    this.#sums.add(toAll[what], by, node)
    this.#sums.add(toHour[what], by, node, hour)
    if (hour <= this.#hour) return
    this.#hour = hour
    this.#database.run('delete from node_hours where hour <= ?', hour - nodeHours)
  }
}

/** A node that is somebody's, until when, and what it did: the hours that are kept, in order. */
interface OwnedNode extends NodeSums {
  readonly node: string
  readonly expires: number
  readonly hours: readonly NodeHour[]
}

/** Answers what nodes did, from the tables. */
export class NodeReader {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Nodes that an owner has delegations to at a time, in the order of their ids. */
  ownedBy(owner: string, time: number, after: string, count: number): OwnedNode[] {
    const rows = this.#database.all<{ node: string; expires: number }>(
      `select node, max(expires) as expires from delegations
       where owner = ? and node > ? and expires > ? group by node order by node limit ?`,
      ...[owner, after, time, count],
    )
    return rows.map((row) => ({ ...row, ...this.#workOf(row.node, time) }))
  }

  #workOf(node: string, time: number): NodeSums & { readonly hours: readonly NodeHour[] } {
    const sums = this.#database.one<NodeSums>(
      'select agreed, wrong, micro from nodes where node = ?',
      node,
    )
    const hours = this.#database.all<NodeHour>(
      'select hour, agreed, wrong, micro from node_hours where node = ? and hour > ? order by hour',
      ...[node, Math.floor(time / hourMs) - nodeHours],
    )
    return { ...(sums ?? { agreed: 0, wrong: 0, micro: 0 }), hours }
  }
}

function sqlOf(table: string, keys: readonly string[]): { readonly [what in What]: string } {
  const of = (what: What) => {
    const places = ', ?'.repeat(keys.length)
    return `insert into ${table} (${what}, ${keys.join(', ')}) values (?${places})
      on conflict do update set ${what} = ${what} + excluded.${what}`
  }
  return { agreed: of('agreed'), wrong: of('wrong'), micro: of('micro') }
}
