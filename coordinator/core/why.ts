import type { JobId, NodeId } from '@nexapod/specs'
import type { Closing } from './book.ts'
import type { Lending } from './match/lending.ts'
import { type Tally, whyIdle, whyWaiting } from './match/tally.ts'
import { isUntried } from './probes.ts'
import type { Open } from './queue/queue.ts'
import type { State } from './state.ts'
import { heldOf, isDecided } from './units.ts'

/** Why a node is given nothing at the moment. */
export type IdleNow =
  /** It is not here, or has not said hello. */
  | { readonly type: 'away' }
  /** It said bye, or the coordinator goes. */
  | { readonly type: 'leaving' }
  /** It lends no unit, or holds as many as it lends. */
  | { readonly type: 'full'; readonly held: number }
  /** It let too many units go, and has to wait until then. */
  | { readonly type: 'rests'; readonly until: number }
  /** It has to be right about a unit with a known answer first. */
  | { readonly type: 'tried'; readonly failed: number }
  /** It waits: how many of the open jobs fit it, and what is against the others. */
  | { readonly type: 'waits'; readonly jobs: Tally }

/** Why nothing of a job is leased at the moment. */
export type JobWaits =
  | { readonly type: 'unknown' }
  | { readonly type: 'ended'; readonly as: 'final' | 'dead' | 'cancelled' }
  /** It is about to end: nothing more of it is leased, for this reason. */
  | { readonly type: 'closing'; readonly why: Closing['why'] }
  /** Its budget pays no other unit beside those that are open. */
  | { readonly type: 'parked'; readonly reserved: number }
  /** All is decided: it ends when audits are over, and what is held is paid. */
  | { readonly type: 'decided'; readonly held: number }
  /** It waits: what is open of it, how many nodes fit, and what is against the others. */
  | { readonly type: 'waits'; readonly open: Open; readonly nodes: Tally }

/** The answer to the question of a volunteer: why is my node idle? */
export function whyIdleNow(state: State, id: NodeId): IdleNow {
  const node = state.nodes.get(id)
  if (node?.lending === undefined) return { type: 'away' }
  if (node.leaving || state.draining) return { type: 'leaving' }
  if (node.left === 0) return { type: 'full', held: node.leases.size }
  const until = state.lapses.get(id)?.until ?? 0
  if (until > state.at) return { type: 'rests', until }
  if (isUntried(state, node)) return { type: 'tried', failed: node.failedProbes }
  return { type: 'waits', jobs: whyIdle(node.lending, state.queue.classes()) }
}

/** The answer to the question of a publisher: why is my job waiting? */
export function whyJobWaits(state: State, id: JobId): JobWaits {
  const row = state.ledger.state.jobs.get(id)
  if (row === undefined) return { type: 'unknown' }
  if (row.ended !== undefined) return { type: 'ended', as: row.ended.as }
  const book = state.jobs.get(id)
  if (book === undefined) throw new Error(`a job is open and not known: ${id}`)
  if (book.closing !== undefined) return { type: 'closing', why: book.closing.why }
  if (row.undecided === 0) return { type: 'decided', held: row.held }
  if (book.unpaid.size > 0) return { type: 'parked', reserved: book.reserved }
  const open = state.queue.open(id)
  return { type: 'waits', open, nodes: whyWaiting(book.needs, lendings(state)) }
}

/** What is known of one unit, and why nothing of it is leased at the moment. */
export interface UnitWaits {
  readonly stage: 'fresh' | 'begun' | 'decided'
  readonly leased: number
  readonly results: number
  readonly waits: JobWaits
}

/** The same question about one unit, at a time; undefined is a unit that the job has not. */
export function whyUnitWaits(
  state: State,
  id: JobId,
  number: number,
  time: number,
): UnitWaits | undefined {
  const row = state.ledger.state.jobs.get(id)
  if (row === undefined || number >= row.units) return undefined
  const waits = whyJobWaits(state, id)
  const book = state.jobs.get(id)
  if (book === undefined || isDecided(state, book, number)) {
    return { stage: 'decided', leased: 0, results: 0, waits }
  }
  const unit = book.units.get(number)
  if (unit === undefined) return { stage: 'fresh', leased: 0, results: 0, waits }
  const known = { stage: 'begun', leased: unit.leases.size, results: unit.ballots.length } as const
  if (waits.type !== 'waits') return { ...known, waits }
  // Who has a part in it, or lately gave it up, is not given it again.
  const held = new Set(heldOf({ state, at: state.at, time }, unit))
  const apart = new Set<Lending>()
  for (const { lending, owner, network } of state.nodes.values()) {
    if (lending !== undefined && (held.has(owner) || held.has(network))) apart.add(lending)
  }
  return { ...known, waits: { ...waits, nodes: whyWaiting(book.needs, lendings(state), apart) } }
}

function* lendings({ nodes }: State): Generator<Lending> {
  for (const { lending, leaving } of nodes.values()) {
    if (lending !== undefined && !leaving) yield lending
  }
}
