import {
  type Account,
  bool,
  type ChainId,
  choice,
  type Digest,
  digest,
  type Infer,
  int,
  type JobId,
  limits,
  list,
  type NodeId,
  type OwnerId,
  optional,
  type PublisherId,
  peerId,
  type ReceiptId,
  struct,
} from '@nexapod/specs'
import { type Table, Tables } from '../state/table.ts'

const micro = int({ min: -limits.microMax, max: limits.microMax })
const ms = int({ min: 0, max: limits.timeMsMax })
const count = int({ min: 0, max: limits.entriesMax })
const slot = int({ min: 0, max: limits.slotsMax - 1 })
const units = int({ min: 0, max: limits.sweepUnitsMax })
const unit = int({ min: 0, max: limits.sweepUnitsMax - 1 })

/** The row of an account. */
export const balanceSchema = struct({ micro })

const job = struct({
  publisher: peerId<PublisherId>(),
  kind: choice(['wasm', 'docker']),
  units,
  /** Units without a verdict. */
  undecided: units,
  accepted: units,
  unitMs: int({ min: 1, max: limits.unitMsMax }),
  priceMicro: optional(int({ min: 1, max: limits.microMax })),
  budgetMicro: optional(int({ min: 1, max: limits.microMax })),
  funded: bool(),
  refunded: bool(),
  /** Earnings and meterings that are not settled. */
  held: count,
  state: choice(['open', 'cancelled', 'final', 'dead']),
})

const sealed = struct({
  slot,
  epoch: int({ min: 0, max: limits.epochMax }),
  fence: int({ min: 1, max: limits.fenceMax }),
  receipt: digest<ReceiptId>(),
})

const winner = struct({ slot, node: peerId<NodeId>(), owner: peerId<OwnerId>(), earned: bool() })

const unitRow = struct({
  sealed: list(sealed, { max: limits.slotsMax }),
  /** Intervals of each slot that were metered. */
  metered: list(struct({ slot, intervals: count }), { max: limits.slotsMax }),
  decided: optional(
    struct({
      at: ms,
      fuel: optional(int({ min: 0, max: limits.fuelMax })),
      winners: list(winner, { max: limits.slotsMax }),
      /** A referee found another result: nothing of it is paid out. */
      wrong: bool(),
    }),
  ),
})

const held = struct({
  job: digest<JobId>(),
  unit,
  slot,
  micro,
  /** Whether it came out of the escrow of the job, and not of the mint. */
  escrow: bool(),
})

const bond = struct({ node: peerId<NodeId>(), owner: peerId<OwnerId>(), micro })

const delegated = struct({ owner: peerId<OwnerId>(), issued: ms, expires: ms })

const reputation = struct({
  /** Passes that an audit or an anchor vouched for since the last mismatch. */
  vouched: count,
  passes: count,
  strikes: count,
})

const arrival = struct({ owner: peerId<OwnerId>(), from: digest<ChainId>(), micro, done: bool() })

const meta = struct({
  fences: int({ min: 0, max: limits.fenceMax }),
  draw: optional(struct({ next: digest<Digest>(), epoch: int({ min: 0, max: limits.epochMax }) })),
})

/** A job as the ledger knows it. */
export type JobRow = Infer<typeof job>
/** A unit as the ledger knows it, until its job ends. */
export type UnitRow = Infer<typeof unitRow>
/** What an execution earned and has not been paid. */
export type Held = Infer<typeof held>
/** What the verdicts say about a node, for one kind of executor. */
export type Reputation = Infer<typeof reputation>

/** What the facts of a chain add up to. Only `learn` changes it. */
export interface State {
  readonly tables: Tables
  readonly balances: Table<Infer<typeof balanceSchema>>
  readonly jobs: Table<JobRow>
  /** Which job a publisher's nonce was used for. */
  readonly nonces: Table<{ readonly job: JobId }>
  readonly units: Table<UnitRow>
  readonly held: Table<Held>
  readonly bonds: Table<Infer<typeof bond>>
  readonly bondCounts: Table<{ readonly count: number }>
  readonly delegations: Table<Infer<typeof delegated>>
  /** Until when delegations of an owner to a node are ended. */
  readonly revocations: Table<{ readonly issued: number }>
  readonly reputations: Table<Reputation>
  /** The last counter that a key used. */
  readonly counters: Table<{ readonly count: number }>
  readonly arrivals: Table<Infer<typeof arrival>>
  readonly meta: Table<Infer<typeof meta>>
}

/** The state before the first fact. */
export function emptyState(): State {
  const tables = new Tables()
  return {
    tables,
    balances: tables.table('balance', balanceSchema),
    jobs: tables.table('job', job),
    nonces: tables.table('nonce', struct({ job: digest<JobId>() })),
    units: tables.table('unit', unitRow),
    held: tables.table('held', held),
    bonds: tables.table('bond', bond),
    bondCounts: tables.table('bonds', struct({ count })),
    delegations: tables.table('delegation', delegated),
    revocations: tables.table('revocation', struct({ issued: ms })),
    reputations: tables.table('reputation', reputation),
    counters: tables.table('counter', struct({ count })),
    arrivals: tables.table('arrival', arrival),
    meta: tables.table('meta', meta),
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
