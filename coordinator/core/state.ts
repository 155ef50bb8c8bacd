import type { Ledger } from '@nexapod/ledger'
import type {
  ChainId,
  Checkpoint,
  CoordinatorId,
  Cosignature,
  Execution,
  JobId,
  NodeId,
  OwnerId,
  PeerId,
  PublisherId,
  ResultId,
  Signed,
  TransferId,
} from '@nexapod/specs'
import type { Foreign, JobBook, Kind, Live, NodeBook, Unit } from './book.ts'
import type { Census } from './census.ts'
import type { Draws } from './draws.ts'
import type { Moment, Over } from './event.ts'
import type { LeaseTable } from './lease-table.ts'
import type { DataIndex } from './match/data.ts'
import type { Fifo } from './queue/fifo.ts'
import type { Queue } from './queue/queue.ts'
import type { Setting } from './setting.ts'
import type { Timers } from './timers.ts'

/** What comes up at some time. */
export type Due =
  | { readonly type: 'lease'; readonly live: Live }
  | { readonly type: 'meter'; readonly live: Live }
  | { readonly type: 'waiting'; readonly unit: Unit; readonly since: number }
  | { readonly type: 'passed'; readonly unit: Unit }
  | { readonly type: 'deadline'; readonly job: JobBook }

/** An execution whose node wants to hear that it was decided. */
export interface Verdicted {
  /** The entry of the verdict. */
  readonly seq: number
  readonly node: NodeId
  readonly execution: Execution
}

/** How often a node lapsed, and until when it is given nothing for that. */
interface Lapses {
  readonly count: number
  /** When it was counted. */
  readonly since: number
  readonly until: number
}

/** A checkpoint that a quorum has cosigned. */
export interface Covered {
  /** Entries below this are covered. */
  readonly size: number
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
}

/** A job whose results are known, and its next unit. */
export interface Trial {
  readonly book: JobBook
  next: number
  result(unit: number): ResultId
}

/** What a publisher has here. */
interface Use {
  jobs: number
  units: number
}

/** All that a coordinator knows: its ledger, what follows from that, and promises that expire. */
export interface State {
  readonly setting: Setting
  readonly ledger: Ledger
  readonly coordinator: CoordinatorId
  readonly chain: ChainId
  readonly epoch: number
  readonly jobs: Map<JobId, JobBook>
  readonly uses: Map<PublisherId, Use>
  /** Counters of requests for a name: those are no facts, and the ledger does not know them. */
  readonly namings: Map<PeerId, number>
  readonly queue: Queue
  readonly data: DataIndex
  readonly nodes: Map<NodeId, NodeBook>
  readonly streams: Map<number, NodeBook>
  /** Leases that hold, by their fences: of this epoch, and those of others that were shown. */
  readonly leases: LeaseTable
  readonly census: Census
  readonly timers: Timers<Due>
  readonly draws: Draws
  /** What audits are drawn by, and since when. */
  seed: Uint8Array
  seedPeriod: number
  seedUntil: number
  /** The next fence, and where the reserved block ends. */
  fence: number
  fencesBelow: number
  /** Nodes whose offer was not answered yet. */
  readonly asking: Set<NodeBook>
  /** Nodes that were told that there is nothing, and wait on their offer, as they came. */
  readonly waiting: Set<NodeBook>
  /** Whether something came up since they were told that there is nothing. */
  fresh: boolean
  /** Units of which something has changed that may decide them, or what they want. */
  readonly toRule: Set<Unit>
  /** Units that are not final, by the nodes that voted on them. */
  readonly voted: Map<NodeId, Set<Unit>>
  /** Decided units in the order of their verdicts, with the verdict that it was. */
  readonly settling: Fifo<{ readonly unit: Unit; readonly at: number }>
  /** Decided units that nothing has to wait for. */
  readonly clearing: Set<Unit>
  /** Earned bonds by the node that they are for. */
  readonly bonds: Map<NodeId, Map<TransferId, Bond>>
  /** Nodes of which the verdicts say something else than before. */
  readonly changed: Set<NodeId>
  /** Jobs that may have ended, or are being brought to an end. */
  readonly ending: Set<JobBook>
  /** By execution, as they came: each is told once. */
  readonly verdicted: Map<number | string, Verdicted>
  covered: Covered | undefined
  /** What a quorum has to cover before anything is promised in an epoch that a seal began. */
  firmFrom: number | undefined
  /** Nodes that gave units back, or let leases end. */
  readonly lapses: Map<NodeId, Lapses>
  /** How often nodes were excused for their platforms. */
  readonly excuses: Map<NodeId, number>
  /** What is believed of what other chains say of nodes that came. */
  readonly foreign: Map<NodeId, Foreign>
  /** Owners whom other chains have banned. */
  readonly shut: Set<OwnerId>
  /** Of each other chain the last epoch of which nothing is claimed any more. */
  readonly over: Map<ChainId, Over>
  /** Networks that a banned owner came from, and until when nobody new may come from there. */
  readonly shunned: Map<string, number>
  /** Verdicts since somebody was banned last, if somebody was. */
  sinceBan: number | undefined
  /** Audited units by kind, and those of them that had been accepted wrongly. */
  readonly measured: Record<Kind, { audited: number; wrong: number }>
  /** The job that new nodes are tried with, if there is one. */
  probes: Trial | undefined
  draining: boolean
  /** Whether that is because the others have a roster without it. */
  isOut: boolean
  at: number
  /** When the chain last had the time of the wall, by both clocks. */
  clock: Moment
  wakeAt: number
}

/** Credit that is kept until a node has shown itself. */
interface Bond {
  readonly owner: OwnerId
  readonly micro: number
  /** With what it was earned; none if it was left as a bond. */
  readonly kind: Kind | undefined
}

/** Which execution something is of. */
export function executionOf(
  { job, number: unit }: Unit,
  { slot, epoch, fence }: { slot: number; epoch: number; fence: number },
): Execution {
  return { job: job.id, unit, slot, epoch, fence }
}
