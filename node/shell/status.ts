import type {
  ChainId,
  CoordinatorId,
  JobId,
  NodeId,
  OwnerId,
  PublisherId,
  Refusal,
} from '@nexapod/specs'
import { delegationDocument, open } from '@nexapod/specs'
import type { News } from '../core/effect.ts'
import { whyIdle } from '../core/idle.ts'
import { isInUse } from '../core/limits/allowance.ts'
import { explainReason, type ReasonCode } from '../core/limits/reasons.ts'
import { allowed } from '../core/load.ts'
import { usualMs } from '../core/run-time.ts'
import type { Contact, Held, State } from '../core/state.ts'
import type { Nature } from './ground.ts'
import type { Count } from './transfers.ts'

/** What a node has done since it was begun. */
export interface Done {
  leased: number
  sealed: number
  acknowledged: number
  decided: number
  /** Leases that ended without a result, by why. */
  readonly without: Record<string, number>
}

/** A unit that a node holds. */
export interface UnitStatus {
  readonly job: JobId
  readonly unit: number
  /** What its publisher calls the job, once the job is here. */
  readonly name?: string
  readonly publisher?: PublisherId
  readonly project?: string
  /** Why it came here: the owner named its project, or takes all. */
  readonly because?: 'project' | 'publisher' | 'all'
  readonly coordinator: CoordinatorId
  readonly stage: Held['stage']
  /** When it came to this stage, in milliseconds since 1970 UTC. */
  readonly since: number
  /** How long it has run, and how long units take here. */
  readonly ranMs?: number
  readonly usualMs?: number
}

/** What a node is doing, for its owner. */
export interface NodeStatus {
  readonly node: NodeId
  readonly owner: OwnerId
  readonly order: State['order']
  readonly since: number
  /** What may be used at this moment, and of which of the two sets of limits that is. */
  readonly lends: {
    readonly inUse: boolean
    readonly cores: number
    readonly cpuPercent: number
    readonly ramBytes: number
    readonly diskBytes: number
  }
  /** Where its page is, with the key to it: for its owner alone. */
  readonly page?: string
  readonly coordinators: readonly {
    readonly coordinator: CoordinatorId
    /** Which chain its stream is about: it may write several. */
    readonly chain?: ChainId
    readonly stage: 'away' | 'dialling' | 'greeting' | 'open'
    readonly refusal?: Refusal
  }[]
  readonly units: readonly UnitStatus[]
  /** Why nothing runs; none while something does. */
  readonly idle: readonly { readonly code: ReasonCode; readonly says: string }[]
  readonly done: Done
  /** What came and went this day and this month. */
  readonly transferred: Count
  /** Receipts that wait for their verdicts. */
  readonly receipts: number
}

/** Nothing was done yet. */
export function nothingDone(): Done {
  return { leased: 0, sealed: 0, acknowledged: 0, decided: 0, without: {} }
}

/** Counts what a node tells. */
export function count(done: Done, news: News): void {
  const { type } = news
  if (type === 'leased' || type === 'sealed' || type === 'acknowledged' || type === 'decided') {
    done[type]++
  } else if (type === 'ended') {
    done.without[news.without] = (done.without[news.without] ?? 0) + 1
  }
}

/** What a status tells of since when. */
export interface Begun {
  readonly since: number
  readonly done: Done
  readonly transfers: { readonly count: Count }
  readonly page?: string | undefined
}

/** What a node is doing at this moment. */
export function statusOf(
  state: State,
  { since, done, transfers, page }: Begun,
  nature: Pick<Nature, 'now' | 'time'>,
): NodeStatus {
  const { setting, delegation, order, contacts, held, kept } = state
  const node = setting.machine.node
  const opened = delegation === undefined ? undefined : open(delegationDocument, delegation)
  return {
    node,
    owner: opened?.ok ? opened.value.owner : (node as string as OwnerId),
    order,
    since,
    lends: lendsNow(state),
    ...(page === undefined ? {} : { page }),
    coordinators: Array.from(contacts.values(), contactStatus),
    units: Array.from(held.values(), (one) => unitStatus(state, one, nature)),
    idle: whyIdle(state).map((reason) => ({ code: reason.code, says: explainReason(reason) })),
    done: structuredClone(done),
    transferred: transfers.count,
    receipts: kept.size,
  }
}

function lendsNow(state: State): NodeStatus['lends'] {
  const { cores, cpuPercent, ramBytes, diskBytes } = allowed(state)
  const inUse = isInUse(state.limits, state.observations)
  return { inUse, cores, cpuPercent, ramBytes, diskBytes }
}

function contactStatus({ coordinator, writes, link, barred }: Contact) {
  return {
    ...{ coordinator, stage: link.stage },
    ...(writes === undefined ? {} : { chain: writes.chain }),
    ...(barred === undefined ? {} : { refusal: barred }),
  }
}

/** What its owner has said that lets a unit come. */
function becauseOf({ projects, publishers }: State['limits']): UnitStatus['because'] & string {
  if (projects.length > 0) return 'project'
  return publishers.length > 0 ? 'publisher' : 'all'
}

function unitStatus(
  state: State,
  { lease, stage, since, begunAt }: Held,
  nature: Pick<Nature, 'now' | 'time'>,
): UnitStatus {
  const { job: id, unit, coordinator } = lease
  const job = state.jobs.get(id)
  const usual = usualMs(state)
  const now = nature.now()
  return {
    ...{ job: id, unit, coordinator, stage },
    since: Math.round(nature.time() - (now - since)),
    ...(job === undefined ? {} : { name: job.name, publisher: job.publisher }),
    ...(job?.project === undefined ? {} : { project: job.project }),
    ...(job === undefined ? {} : { because: becauseOf(state.limits) }),
    ...(begunAt === undefined ? {} : { ranMs: Math.round(now - begunAt) }),
    ...(usual === undefined ? {} : { usualMs: usual }),
  }
}
