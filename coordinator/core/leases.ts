import {
  type CoordinatorId,
  type Execution,
  type FromNode,
  type Lease,
  leaseDocument,
  limits,
  type OwnerId,
  type Signed,
} from '@nexapod/specs'
import type { JobBook, Live, NodeBook } from './book.ts'
import { noteLapse } from './lapses.ts'
import { isOwn } from './people.ts'
import { reserve } from './reserve.ts'
import { executionOf, type State } from './state.ts'
import type { Turn } from './turn.ts'

/** A lease as it is about to be given. */
export type Given = Pick<Live, 'unit' | 'slot' | 'fence' | 'referee'>

/** A lease as it begins to hold, or holds again. */
export type Held = Given & Pick<Live, 'epoch' | 'begunAt' | 'intervals'>

/** How long an owner is passed over who gave a unit up: what failed there fails there again. */
const passedMs = 60_000
/** Each further time is four times as long, but for so many: then it is four hours. */
const passedTimesMax = 4

/** Gives a lease to a node: from now on it holds until it ends, or is renewed. */
export function give(turn: Turn, node: NodeBook, given: Given): Live {
  const { unit, slot, fence, referee } = given
  const { epoch } = turn.state
  const held = { unit, slot, epoch, fence, referee, begunAt: turn.at, intervals: 0 }
  const live = hold(turn, node, held)
  turn.lease(live)
  return live
}

/** A lease holds from now on. */
export function hold({ state, at }: Turn, node: NodeBook, held: Held): Live {
  const { unit, slot, epoch, fence, referee, begunAt, intervals } = held
  const live: Live = {
    unit,
    slot,
    epoch,
    fence,
    node,
    network: node.network,
    referee,
    round: unit.rounds,
    begunAt,
    endsAt: at,
    body: undefined,
    intervals,
    over: false,
  }
  prolong(live, at)
  state.leases.add(live)
  unit.leases.add(live)
  node.leases.add(live)
  reserve(state, unit)
  state.timers.add(live.endsAt, { type: 'lease', live })
  return live
}

/** A lease holds for as long again, but not for ever: who never delivers is a hoarder. */
export function prolong(live: Live, at: number): void {
  live.endsAt = Math.min(at + limits.leaseMs, live.begunAt + longestMs(live.unit.job))
}

/** How long a lease can hold: as long as its unit may run, twice that in pauses, and a wait. */
export function longestMs({ job }: JobBook): number {
  return 3 * job.resources.unitMs + limits.stillMs
}

/** A lease is over without a receipt, or with one. */
export function endLease(state: State, live: Live): void {
  if (live.over) return
  live.over = true
  // Its timer still knows it, until it comes up.
  live.body = undefined
  state.leases.delete(live)
  live.unit.leases.delete(live)
  reserve(state, live.unit)
  const { node } = live
  node.leases.delete(live)
  if (node.stream === undefined && node.leases.size === 0) state.nodes.delete(node.id)
}

/** Takes a lease back. */
export function cancelLease(turn: Turn, live: Live): void {
  endLease(turn.state, live)
  live.unit.takenBack ??= new Map()
  live.unit.takenBack.set(live.slot, live.endsAt)
  turn.say(live.node, { type: 'cancel', executions: [executionOf(live.unit, live)] })
}

/** A lease that nobody renewed in time is free again. */
export function expire(turn: Turn, live: Live): void {
  if (live.over) return
  const { state, at } = turn
  if (live.endsAt > at) {
    state.timers.add(live.endsAt, { type: 'lease', live })
    return
  }
  lapse(turn, live, false)
}

/** A node is still at it: each lease that is its own holds again, for the others it is told. */
export function renew(turn: Turn, node: NodeBook, executions: readonly Execution[]): void {
  const lost: Execution[] = []
  for (const execution of executions) {
    const live = liveOf(turn.state, node, execution)
    if (live === undefined) lost.push(execution)
    else prolong(live, turn.at)
  }
  if (lost.length > 0) turn.say(node, { type: 'cancel', executions: lost })
}

/** A node will not finish some units. What the machine lacks, it lacks for a while. */
export function abort(
  turn: Turn,
  node: NodeBook,
  { executions, why }: FromNode & { readonly type: 'abort' },
): void {
  for (const execution of executions) {
    const live = liveOf(turn.state, node, execution)
    if (live !== undefined) lapse(turn, live, why !== 'owner' && why !== 'shutdown')
  }
  // It offers again what it still lends.
  node.left = 0
}

/** The lease of an execution, if it is a node's and holds. */
export function liveOf(state: State, node: NodeBook, execution: Execution): Live | undefined {
  const live = state.leases.get(execution.epoch, execution.fence)
  const isIt =
    live !== undefined &&
    live.node === node &&
    live.slot === execution.slot &&
    live.unit.number === execution.unit &&
    live.unit.job.id === execution.job
  return isIt ? live : undefined
}

/**
 * Whether a lease was given to a node on this chain. Who holds it, as `live`, needs no look at a
 * signature.
 */
export function isGivenTo(
  state: State,
  node: NodeBook,
  live: Live | undefined,
  lease: Lease,
  signed: Signed<Lease>,
): boolean {
  if (live?.body !== undefined && isSame(live.body, signed.body)) return true
  if (lease.node !== node.id || !isOurs(state, lease)) return false
  return state.setting.open(leaseDocument, signed).ok
}

/** Which of two leases of a slot passes the other: the epoch comes first. */
export function isLater(one: Passing, other: Passing): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.fence > other.fence)
}

type Passing = Pick<Execution, 'epoch' | 'fence'>

/** Whether whoever gave a lease wrote this chain then: of an earlier epoch, a member may have. */
function isOurs(state: State, { chain, epoch, coordinator }: Lease): boolean {
  if (chain !== state.chain) return false
  if (epoch === state.epoch) return coordinator === state.coordinator
  return epoch < state.epoch && isOwn(state, coordinator as CoordinatorId as string as OwnerId)
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function lapse(turn: Turn, live: Live, passOver: boolean): void {
  const { state, at } = turn
  const { unit, node } = live
  const { owner } = node
  endLease(state, live)
  noteLapse(turn, node.id)
  unit.passed ??= new Map()
  const times = (unit.passed.get(owner)?.times ?? 0) + 1
  // Who switches off may come back for it once.
  const again = passOver ? times : times - 1
  const ms = again === 0 ? 0 : passedMs << (2 * Math.min(again - 1, passedTimesMax))
  const until = at + ms
  unit.passed.set(owner, { times, until })
  if (until > at) state.timers.add(until, { type: 'passed', unit })
  state.toRule.add(unit)
}
