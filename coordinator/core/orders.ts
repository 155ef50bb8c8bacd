import {
  type Answer,
  accept,
  limits,
  type Order,
  orderDocument,
  refuse,
  type Signed,
} from '@nexapod/specs'
import { ownerNow } from './people.ts'
import type { Turn } from './turn.ts'

/** Hands what an owner orders to the node of theirs, if that is here; obeying is for the node. */
export function handOver(turn: Turn, signed: Signed<Order>): Answer<undefined> {
  const { state, time } = turn
  const opened = state.setting.open(orderDocument, signed)
  if (!opened.ok) return opened
  const { owner, node: id, issued, expires } = opened.value
  if (time > expires + limits.clockSkewMs) return refuse('request.expired')
  if (issued > time + limits.clockSkewMs) return refuse('request.expired', { detail: 'not yet' })
  if (ownerNow(state, id, time) !== owner) {
    return refuse('request.signer', { detail: 'the chain knows the node as not yours' })
  }
  const node = state.nodes.get(id)
  if (node === undefined || !node.welcomed) {
    return refuse('wire.unreachable', { detail: 'the node has no stream here' })
  }
  turn.say(node, { type: 'order', order: signed })
  return accept(undefined)
}
