import type { Electorate } from '@nexapod/ledger'
import type {
  ChainId,
  CoordinatorId,
  Delegation,
  Execution,
  Job,
  JobId,
  Lease,
  Manifest,
  MeshId,
  Offer,
  Receipt,
  ReceiptId,
  Refusal,
  Signed,
  Signer,
} from '@nexapod/specs'
import type { Limits } from './limits/limits.ts'
import type { Machine, Observations } from './limits/observations.ts'

/** What a node is told when it begins. */
export interface Setting {
  readonly signer: Signer
  readonly mesh: MeshId
  readonly machine: Machine
  readonly roster: Electorate
  readonly delegation?: Signed<Delegation>
  readonly limits: Limits
  readonly observations: Observations
}

/** A unit from its lease until its result, or until it is given back. */
export interface Held {
  readonly key: string
  readonly signed: Signed<Lease>
  readonly lease: Lease
  stage: 'leased' | 'fetching' | 'ready' | 'executing' | 'frozen' | 'keeping' | 'ending'
  /** When it came to this stage. */
  since: number
  /** When its execution began. */
  begunAt?: number
  /** What it shares a core by, with others of its job that are as short. */
  lane?: string
  /** Whether it runs alone: it was beside something that ended all of its lane, or did that. */
  alone?: true
  /** What it has had of its time; and since when that goes on, if it does. See `run-time.ts`. */
  spent?: number
  goesSince?: number
  /** When the lease ends, as far as that is known. */
  endsAt: number
  renewAt: number
  /** When the first renewal was sent that nothing has confirmed yet. */
  renewedAt?: number
  /** The stream that it came on; 0 if that was before a restart. */
  readonly stream: number
  /** Whether its coordinator has been told of it on this side of a restart. */
  shown: boolean
  /** Whether a result that comes after its end is still delivered. */
  late: boolean
}

/** A receipt from its signature until its verdict is certain. */
export interface Kept {
  readonly key: string
  readonly signed: Signed<Lease>
  readonly lease: Lease
  readonly receipt: Signed<Receipt>
  readonly id: ReceiptId
  readonly manifest: Manifest
  /** Who has it on disk, by their own word. */
  acknowledged?: { readonly coordinator: CoordinatorId; readonly epoch: number; size: number }
  /** Who does not take it. */
  refused?: { readonly coordinator: CoordinatorId; readonly epoch: number }
}

/** An offer that was sent, and how many units may still come on it. */
export interface Standing {
  readonly offer: Offer
  readonly at: number
  left: number
}

/** A stream that a hello was said on. */
export interface Talk {
  readonly stage: 'greeting' | 'open'
  readonly stream: number
  readonly since: number
  heardAt: number
  saidAt: number
  renewMs: number
  draining: boolean
  /** What was refused here. */
  faults: number
  /** When there was last a use for the stream. */
  usefulAt: number
  offer: Standing
  /** The offers before, the oldest first: what was sent on them may be on its way. */
  readonly former: Standing[]
  /** Whether what was offered has to be offered again, or taken back: it had its answer. */
  again: boolean
  /** Until when nothing more is asked for here, since it has nothing. */
  quietUntil?: number
  /** What it said last when it had nothing. */
  idle: readonly string[]
  readonly asked: Set<JobId>
  /** Keys of receipts that it has to get. */
  readonly toDeliver: Set<string>
  /** Those that were sent: when again, and how often they were. */
  readonly flying: Map<string, { readonly againAt: number; readonly tries: number }>
  /** Keys of receipts that it has, and that it may know the verdicts on. */
  readonly toShow: Set<string>
  /** When the next of these are shown. */
  showAt: number
}

/** What a node knows of a chain as one coordinator writes it, and the stream about that. */
export interface Contact {
  /** The coordinator; and the chain, if it is not known to have founded that one. */
  readonly key: string
  readonly coordinator: CoordinatorId
  /** A digest of the node and this: in its order a node prefers those that it knows nothing of. */
  readonly affinity: string
  link:
    | { readonly stage: 'away' }
    | { readonly stage: 'dialling'; readonly stream: number; readonly since: number }
    | Talk
  dialAt: number
  failures: number
  /** Why it is not dialled until what a hello says has changed. */
  barred?: Refusal
  /** Whether it welcomed the node before. */
  known: boolean
  /** What it writes, by its own word; of who was never heard, nothing is known. */
  writes?: Writing
  /** Units that nobody has, by its last beacon, and when that came. */
  open?: { readonly units: number; readonly at: number }
  beaconIssued: number
}

/** A chain, and the epoch of it that somebody writes. */
export interface Writing {
  readonly chain: ChainId
  readonly epoch: number
}

/** All that a node knows. */
export interface State {
  readonly setting: Setting
  roster: Electorate
  delegation: Signed<Delegation> | undefined
  limits: Limits
  observations: Observations
  order: 'lend' | 'pause' | 'finish' | 'stop'
  /** When it was told to finish. */
  orderedAt: number
  /** By the clock on the wall: what was said from afar until then is not obeyed. */
  toldUntil: number
  at: number
  /** By their keys. */
  readonly contacts: Map<string, Contact>
  /** Chains that the node has to do with and has no stream about: when their writer is sought. */
  readonly sought: Map<ChainId, { readonly at: number; readonly tries: number }>
  readonly jobs: Map<JobId, Job>
  /** How long units of a job take here, as far as any did. */
  readonly paces: Map<JobId, number>
  readonly held: Map<string, Held>
  readonly kept: Map<string, Kept>
  readonly keptById: Map<ReceiptId, string>
  readonly keptOf: Map<ChainId, number>
  /** Keys of leases that ended without a receipt. */
  readonly ended: Set<string>
  streams: number
  /** How long a unit takes here where all of its cores is lent. */
  unitMs: number | undefined
  /** How long a lease takes to come after an offer, if that was seen. */
  answerMs: number | undefined
  /** The share of each core that units are given, in percent; 0 until that was said. */
  pace: number
  wakeAt: number
  /** Why nothing runs, as it was told last. */
  idle: string
  finished: boolean
}

/** What a lease is called by here: another coordinator's is another, whatever it says. */
export function keyOf(coordinator: CoordinatorId, execution: Execution): string {
  const { job, unit, slot, epoch, fence } = execution
  return `${coordinator}/${job}/${unit}/${slot}/${epoch}/${fence}`
}

/** Which execution a lease is of. */
export function executionOf({ job, unit, slot, epoch, fence }: Lease): Execution {
  return { job, unit, slot, epoch, fence }
}

/** The stream to a coordinator that has welcomed the node, if there is one. */
export function talkOf(contact: Contact): Talk | undefined {
  return contact.link.stage === 'open' ? contact.link : undefined
}
