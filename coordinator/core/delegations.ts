import {
  type Answer,
  accept,
  type Delegation,
  delegationDocument,
  limits,
  type NodeId,
  type Revocation,
  refuse,
  revocationDocument,
  type Signed,
} from '@nexapod/specs'
import { cancelLease } from './leases.ts'
import { ownerNow } from './people.ts'
import type { Turn } from './turn.ts'

/** A node is an owner's: learnt once, and told with the entry it stands in, if it is a new one. */
export function learnDelegation(
  turn: Turn,
  signed: Signed<Delegation>,
): Answer<number | undefined> {
  const { state, time } = turn
  const opened = state.setting.open(delegationDocument, signed)
  if (!opened.ok) return opened
  const { owner, node, issued, expires } = opened.value
  const { delegations, revocations } = state.ledger.state
  if (time >= expires) return refuse('delegation.ended')
  if (issued > time + limits.clockSkewMs) return refuse('request.expired', { detail: 'not yet' })
  const last = delegations.get(node)
  if (last !== undefined && last.owner === owner && last.issued === issued) return accept(undefined)
  const ended = revocations.get(`${owner}/${node}`)
  if ((last?.issued ?? -1) >= issued || (ended?.issued ?? -1) >= issued) {
    return refuse('delegation.ended', { detail: 'a later one, or its end, is known' })
  }
  const seq = turn.write([{ type: 'delegation', delegation: signed }])
  noteOwner(turn, node)
  state.changed.add(node)
  return accept(seq)
}

/** A node is an owner's no more. */
export function learnRevocation(
  turn: Turn,
  signed: Signed<Revocation>,
): Answer<number | undefined> {
  const { state, time } = turn
  const opened = state.setting.open(revocationDocument, signed)
  if (!opened.ok) return opened
  const { owner, node, issued } = opened.value
  if (issued > time + limits.clockSkewMs) return refuse('request.expired', { detail: 'not yet' })
  const last = state.ledger.state.revocations.get(`${owner}/${node}`)
  if (last !== undefined && last.issued >= issued) return accept(undefined)
  const seq = turn.write([{ type: 'revocation', revocation: signed }])
  noteOwner(turn, node)
  state.changed.add(node)
  return accept(seq)
}

/**
 * A node may have come to another owner: then that one has the part that the node has in a unit,
 * and what else of it the same owner was given is taken back.
 */
export function noteOwner(turn: Turn, id: NodeId): void {
  const { state, time } = turn
  const owner = ownerNow(state, id, time)
  const node = state.nodes.get(id)
  if (node?.owner === owner) return
  if (node !== undefined) node.owner = owner
  for (const unit of state.voted.get(id) ?? []) {
    if (unit.stage !== 'open') continue
    for (const live of [...unit.leases]) if (live.node.owner === owner) cancelLease(turn, live)
    state.toRule.add(unit)
  }
  for (const live of [...(node?.leases ?? [])]) {
    const { unit } = live
    const others = [...unit.leases].filter((other) => other !== live).map((other) => other.node)
    const voted = unit.ballots.some((ballot) => ownerNow(state, ballot.node, time) === owner)
    if (voted || others.some((other) => other.owner === owner)) cancelLease(turn, live)
    state.toRule.add(unit)
  }
}
