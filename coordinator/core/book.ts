import type { Reputation } from '@nexapod/ledger'
import type {
  Cid,
  Execution,
  Job,
  JobId,
  NodeId,
  Outcome,
  OwnerId,
  Receipt,
  ResultId,
  Signed,
  TransferId,
} from '@nexapod/specs'
import type { Few } from './few.ts'
import type { Lending } from './match/lending.ts'
import type { JobNeeds } from './match/needs.ts'
import type { Asker } from './queue/search.ts'
import type { JobPlatforms } from './verdict/job-platforms.ts'

/** The kinds of executors: reputations are counted for each. */
export const kinds = ['wasm', 'docker'] as const
/** One of them. */
export type Kind = (typeof kinds)[number]

/** What other chains are believed to have seen of a node, with each kind of executor. */
export type Foreign = { readonly [K in Kind]: Pick<Reputation, 'vouched' | 'strikes'> }

/** A job that has not ended. */
export interface JobBook {
  readonly id: JobId
  readonly signed: Signed<Job>
  readonly job: Job
  readonly needs: JobNeeds
  readonly kind: Kind
  /** How many units it has. */
  readonly count: number
  readonly data: readonly Cid[]
  /** Units of which something is known: leased, sealed, or decided and not final. */
  readonly units: Map<number, Unit>
  platforms: JobPlatforms
  /** What its open units may still cost, if it is a funded job of modules. */
  reserved: number
  /** The first unit that was never leased. */
  begun: number
  /** Units of which it cannot pay another execution now; meanwhile it begins no other. */
  readonly unpaid: Set<Unit>
  /** Nodes that were excused in it for their platform. */
  readonly excused: Set<NodeId>
  /** Forgets its deadline, if it has one. */
  undue: (() => void) | undefined
  /** Why no unit is leased any more, once that is so; the next unit to be given up. */
  closing: Closing | undefined
}

/** The end of a job before all its units were computed: units are given up from here on. */
export interface Closing {
  readonly why: 'deadline' | 'starved' | 'split' | 'cancelled'
  next: number
  /** Of a job that was cancelled: the units that were begun, as far as they were not given up. */
  readonly begun?: Iterator<Unit>
}

/** A unit of which something is known. */
export interface Unit {
  readonly job: JobBook
  readonly number: number
  stage: 'open' | 'decided'
  readonly ballots: Ballot[]
  readonly leases: Few<Live>
  /** What it may still cost its job, which sets that aside. */
  reserved: number
  /** Owners who gave it up, how often, and until when they are passed over. */
  passed: Map<OwnerId, Passed> | undefined
  /** Slots of leases that were taken back, and how long those hold for who has not heard it. */
  takenBack: Map<number, number> | undefined
  /** Verdicts on it that accepted it. */
  rounds: number
  /** What was accepted last, and what those say who agree with it. */
  outcome: Outcome | undefined
  says: string | undefined
  /** When it was decided last, by the time of the entry. */
  decidedAt: number
  /** The entry of its last verdict. */
  seq: number
  /** Since when it waits for somebody who suits it; looked at again from time to time. */
  waitsSince: number | undefined
  /** How long it waited before, since somebody voted last: running does not count. */
  waitedMs: number
  /** Whether it is drawn for an audit, and by which seed. */
  drawn: { readonly by: Uint8Array; readonly is: boolean } | undefined
  /** Executions that were delivered too late for it, and want to hear that it was decided. */
  readonly late: { readonly node: NodeId; readonly execution: Execution }[]
  /** Meterings that are held for it. */
  readonly meters: Metering[]
}

/** How often an owner gave a unit up, and until when it is given to others. */
interface Passed {
  readonly times: number
  readonly until: number
}

/** Credit that a running container was debited for an interval. */
export interface Metering {
  readonly id: TransferId
  readonly slot: number
  readonly epoch: number
  readonly fence: number
  readonly micro: number
}

/** What one execution came to, and what became of that. */
export interface Ballot {
  readonly slot: number
  readonly epoch: number
  readonly fence: number
  readonly node: NodeId
  /** Of its node now, until the verdict that opens it; then for good. */
  owner: OwnerId
  readonly network: string
  readonly platform: string
  readonly result: ResultId
  failed: boolean
  readonly referee: boolean
  /** How many verdicts had accepted the unit when it was leased. */
  readonly round: number
  /** Agrees with all that say the same; undefined until the shell has compared it. */
  says: string | undefined
  /** Until the verdict that opens it; then the chain has it. */
  receipt: Signed<Receipt> | undefined
  /** What it gave: kept as long as the unit may be decided by it. */
  outcome: Outcome | undefined
  /** Whether its node was in doubt after it voted. */
  isVoid: boolean
}

/** A lease that holds. */
export interface Live {
  readonly unit: Unit
  readonly slot: number
  readonly epoch: number
  readonly fence: number
  readonly node: NodeBook
  readonly network: string
  readonly referee: boolean
  readonly round: number
  readonly begunAt: number
  endsAt: number
  /** What was signed: who brings back just this needs no look at the signature. */
  body: Uint8Array | undefined
  /** Intervals that were metered. */
  intervals: number
  over: boolean
}

/** What is known of a node while it is there or holds a lease. */
export interface NodeBook {
  readonly id: NodeId
  owner: OwnerId
  network: string
  platform: string
  stream: number | undefined
  /** Whether it was welcomed on the stream. */
  welcomed: boolean
  lending: Lending | undefined
  asker: LendingAsker | undefined
  /** How many more units its offer allows. */
  left: number
  leaving: boolean
  /** Kinds of executors with which it has shown that it can compute. */
  readonly verified: Set<Kind>
  /** Probes that it failed since it came. */
  failedProbes: number
  readonly leases: Few<Live>
  /** Fuel a second, as it was seen from lease to receipt; 0 before. */
  speed: number
  mark: number | undefined
  /** What it counts as in the census, if it does. */
  counted: Counted | undefined
}

/** What the queue is asked with for a node, and what that was made of. */
interface LendingAsker extends Asker {
  readonly lending: Lending
}

/** How a node counts among those that can be asked. */
export interface Counted {
  readonly owner: OwnerId
  readonly platform: string
  readonly own: boolean
  readonly anchor: { readonly wasm: boolean; readonly docker: boolean }
}
