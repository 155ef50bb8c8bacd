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
import type { JobBook, Live, NodeBook, Unit } from './book.ts'
import { isOwn } from './people.ts'
import { executionOf, leaseKey, type State } from './state.ts'
import type { Turn } from './turn.ts'
import { unitAt } from './units.ts'

/** A lease as it is about to be given. */
export type Given = Pick<Live, 'unit' | 'slot' | 'fence' | 'referee' | 'reserved'>

/** Why an owner is passed over for a while: what failed there would fail there again. */
const passedMs = 60_000

/** Gives a lease to a node: from now on it holds until it ends, or is renewed. */
export function give(turn: Turn, node: NodeBook, given: Given): Live {
  const { state, at } = turn
  const live: Live = {
    ...given,
    epoch: state.epoch,
    node,
    owner: node.owner,
    network: node.network,
    round: given.unit.rounds,
    begunAt: at,
    endsAt: at + limits.leaseMs,
    body: undefined,
    intervals: 0,
    over: false,
  }
  begin(state, live)
  turn.lease(live)
  return live
}

function begin(state: State, live: Live): void {
  const { unit, node } = live
  state.leases.set(leaseKey(live.epoch, live.fence), live)
  unit.leases.add(live)
  node.leases.add(live)
  unit.job.reserved += live.reserved
  state.timers.add(live.endsAt, { type: 'lease', live })
}

/** A lease is over without a receipt, or with one. */
export function endLease(state: State, live: Live): void {
  if (live.over) return
  live.over = true
  state.leases.delete(leaseKey(live.epoch, live.fence))
  live.unit.leases.delete(live)
  live.unit.job.reserved -= live.reserved
  const { node } = live
  node.leases.delete(live)
  if (node.stream === undefined && node.leases.size === 0) state.nodes.delete(node.id)
}

/** Takes a lease back. */
export function cancelLease(turn: Turn, live: Live): void {
  endLease(turn.state, live)
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
    else live.endsAt = turn.at + limits.leaseMs
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
}

/** The lease of an execution, if it is a node's and holds. */
export function liveOf(state: State, node: NodeBook, execution: Execution): Live | undefined {
  const live = state.leases.get(leaseKey(execution.epoch, execution.fence))
  const isIt =
    live !== undefined &&
    live.node === node &&
    live.slot === execution.slot &&
    live.unit.number === execution.unit &&
    live.unit.job.id === execution.job
  return isIt ? live : undefined
}

/** Whether a lease was given to a node on this chain. Who holds it needs no look at a signature. */
export function isGivenTo(
  state: State,
  node: NodeBook,
  lease: Lease,
  signed: Signed<Lease>,
): boolean {
  const { body } = liveOf(state, node, lease) ?? {}
  if (body !== undefined && isSame(body, signed.body)) return true
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
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** Takes up a lease again that a node holds from before a restart. */
export function adopt(turn: Turn, node: NodeBook, job: JobBook, lease: Lease): boolean {
  const { state, at } = turn
  const unit = unitAt(job, lease.unit)
  if (!isFree(unit, lease, node)) return false
  const live: Live = {
    unit,
    slot: lease.slot,
    epoch: lease.epoch,
    fence: lease.fence,
    node,
    owner: node.owner,
    network: node.network,
    // Whether it was a referee is not known any more; then it is a vote like any other.
    referee: false,
    round: unit.rounds,
    reserved: 0,
    begunAt: at,
    endsAt: at + limits.leaseMs,
    body: undefined,
    intervals: 0,
    over: false,
  }
  begin(state, live)
  state.toRule.add(unit)
  return true
}

function isFree({ stage, ballots, leases }: Unit, { slot }: Lease, { owner }: NodeBook): boolean {
  if (stage === 'decided') return false
  return ![...ballots, ...leases].some((one) => one.slot === slot || one.owner === owner)
}

function lapse(turn: Turn, live: Live, passOver: boolean): void {
  const { state, at } = turn
  const { unit, node, owner } = live
  endLease(state, live)
  node.lapses++
  if (passOver) {
    unit.passed.set(owner, at + passedMs)
    state.timers.add(at + passedMs, { type: 'passed', unit })
  }
  state.toRule.add(unit)
}
