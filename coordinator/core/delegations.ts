import {
  type Answer,
  accept,
  type Delegation,
  delegationDocument,
  limits,
  type Revocation,
  refuse,
  revocationDocument,
  type Signed,
} from '@nexapod/specs'
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
  state.changed.add(node)
  return accept(seq)
}
