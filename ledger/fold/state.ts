import {
  type Account,
  type NodeId,
  type OwnerId,
  type RowKind,
  type RowOf,
  rowSchemas,
} from '@nexapod/specs'
import type { PairedTable } from '../state/paired-table.ts'
import type { GroupedTable, Table } from '../state/table.ts'
import { Tables } from '../state/tables.ts'

/** A job as the ledger knows it. */
export type JobRow = RowOf<'job'>
/** A unit that is not final. */
export type UnitRow = RowOf<'unit'>
/** A receipt that a verdict opened, and what verdicts made of it. */
export type Vote = UnitRow['votes'][number]
/** What the verdicts say about a node, for one kind of executor. */
export type Reputation = RowOf<'reputation'>

/** What the facts of a chain add up to. Only `learn` changes it. */
export interface State {
  readonly tables: Tables
  readonly balances: Table<RowOf<'balance'>>
  readonly jobs: Table<JobRow>
  /** Which job a publisher's nonce was used for. */
  readonly nonces: Table<RowOf<'nonce'>>
  /** By job: what is known of its units that are not final. */
  readonly units: GroupedTable<UnitRow>
  /** By job: which of its units are decided, with nothing held for them. */
  readonly done: GroupedTable<RowOf<'done'>>
  /** What was metered and is not settled. */
  readonly meters: Table<RowOf<'meter'>>
  readonly bonds: Table<RowOf<'bond'>>
  readonly bans: Table<RowOf<'ban'>>
  readonly bondCounts: Table<RowOf<'bond-count'>>
  readonly nodes: Table<RowOf<'node'>>
  readonly delegations: Table<RowOf<'delegation'>>
  /** Until when delegations of an owner to a node are ended. */
  readonly revocations: Table<RowOf<'revocation'>>
  /** By node, and the kind of executor. */
  readonly reputations: PairedTable<Reputation>
  /** The last counter that a key used. */
  readonly counters: Table<RowOf<'counter'>>
  /** The departures from this chain, and those that arrived here. */
  readonly crossings: Table<RowOf<'crossing'>>
  /** Changes of the roster and of the rate card, by their revisions. */
  readonly changes: Table<RowOf<'change'>>
  readonly meta: Table<RowOf<'meta'>>
}

/** The state before the first fact. */
export function emptyState(): State {
  const tables = new Tables()
  const table = <K extends RowKind>(kind: K) => tables.table(kind, rowSchemas[kind])
  return {
    tables,
    balances: table('balance'),
    jobs: table('job'),
    nonces: table('nonce'),
    units: tables.grouped('unit', rowSchemas.unit),
    done: tables.grouped('done', rowSchemas.done),
    meters: table('meter'),
    bonds: table('bond'),
    bans: table('ban'),
    bondCounts: table('bond-count'),
    nodes: table('node'),
    delegations: table('delegation'),
    revocations: table('revocation'),
    reputations: tables.paired('reputation', rowSchemas.reputation),
    counters: table('counter'),
    crossings: table('crossing'),
    changes: table('change'),
    meta: table('meta'),
  }
}

/** Whether nothing is open: each job has ended, and then all that it owed is settled. */
export function isAtRest({ jobs }: State): boolean {
  for (const [, { ended }] of jobs.entries()) if (ended === undefined) return false
  return true
}

/** The micro-credits of an account; 0 for one that was never used. */
export function balanceOf(state: State, account: Account): number {
  return state.balances.get(account)?.micro ?? 0
}

/** Who owns a node at an instant: itself, unless a delegation holds. */
export function ownerOf(state: State, node: NodeId, at: number): OwnerId {
  const delegation = state.delegations.get(node)
  const holds = delegation !== undefined && at < delegation.expires
  return holds ? delegation.owner : (node as string as OwnerId)
}
