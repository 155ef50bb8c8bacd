import {
  type Account,
  type NodeId,
  type OwnerId,
  type RowKind,
  type RowOf,
  rowSchemas,
} from '@nexapod/specs'
import { type Table, Tables } from '../state/table.ts'

/** A job as the ledger knows it. */
export type JobRow = RowOf<'job'>
/** A unit as the ledger knows it, until its job ends. */
export type UnitRow = RowOf<'unit'>
/** What an execution earned and has not been paid. */
export type Held = RowOf<'held'>
/** What the verdicts say about a node, for one kind of executor. */
export type Reputation = RowOf<'reputation'>

/** What the facts of a chain add up to. Only `learn` changes it. */
export interface State {
  readonly tables: Tables
  readonly balances: Table<RowOf<'balance'>>
  readonly jobs: Table<JobRow>
  /** Which job a publisher's nonce was used for. */
  readonly nonces: Table<RowOf<'nonce'>>
  readonly units: Table<UnitRow>
  readonly held: Table<Held>
  readonly bonds: Table<RowOf<'bond'>>
  readonly bondCounts: Table<RowOf<'bonds'>>
  readonly delegations: Table<RowOf<'delegation'>>
  /** Until when delegations of an owner to a node are ended. */
  readonly revocations: Table<RowOf<'revocation'>>
  readonly reputations: Table<Reputation>
  /** The last counter that a key used. */
  readonly counters: Table<RowOf<'counter'>>
  readonly arrivals: Table<RowOf<'arrival'>>
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
    units: table('unit'),
    held: table('held'),
    bonds: table('bond'),
    bondCounts: table('bonds'),
    delegations: table('delegation'),
    revocations: table('revocation'),
    reputations: table('reputation'),
    counters: table('counter'),
    arrivals: table('arrival'),
    meta: table('meta'),
  }
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
