import {
  type Delegation,
  delegationDocument,
  limits,
  type Order as OwnerOrder,
  open,
  orderDocument,
  type Refusal,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import type { Order } from './event.ts'
import { giveBack } from './leases.ts'
import { type State, talkOf } from './state.ts'
import type { Turn } from './turn.ts'

/** Does what was said at the machine itself: the last word, whatever comes that is older. */
export function obey(turn: Turn, order: Order): void {
  const { state, time } = turn
  state.toldUntil = Math.max(state.toldUntil, time)
  follow(turn, order)
}

/** Does what its owner says from afar, if it may; a fault of who brought it is refused. */
export function obeyFromAfar(turn: Turn, signed: Signed<OwnerOrder>): Refusal | undefined {
  const { state, time } = turn
  const opened = open(orderDocument, signed)
  if (!opened.ok) return opened.refusal
  const { owner, node, order, issued, expires } = opened.value
  if (node !== state.setting.signer.id) return refusalOf('wire.message', { at: 'order.node' })
  const no = noOf(state, owner, time)
  if (no !== undefined) return no
  if (time > expires + limits.clockSkewMs) return refusalOf('request.expired', { at: 'order' })
  if (issued > time + limits.clockSkewMs) {
    return refusalOf('request.expired', { at: 'order', detail: 'not yet' })
  }
  if (issued <= state.toldUntil) return refusalOf('request.replayed', { at: 'order' })
  state.toldUntil = issued
  // One from the future would count again after a restart.
  turn.keep({ name: 'order/last', row: { type: 'order', issued } })
  const isObeyed = state.limits.owner.remote
  turn.tell({ type: 'ordered', owner, order, isObeyed })
  if (isObeyed) follow(turn, order)
  return undefined
}

/** Says goodbye to all: what is kept is delivered when the node begins again. */
export function finish(turn: Turn): void {
  const { state } = turn
  for (const contact of state.contacts.values()) {
    const talk = talkOf(contact)
    if (talk !== undefined) turn.say(talk, { type: 'bye' })
  }
  state.finished = true
  turn.act({ type: 'finished' })
}

/** Why somebody is not to be obeyed: the node is not theirs, or not any more. */
function noOf(
  { delegation }: State,
  owner: Delegation['owner'],
  time: number,
): Refusal | undefined {
  if (delegation === undefined) return refusalOf('request.signer', { at: 'order.owner' })
  const opened = open(delegationDocument, delegation)
  if (!opened.ok) return opened.refusal
  if (opened.value.owner !== owner) return refusalOf('request.signer', { at: 'order.owner' })
  return time < opened.value.expires ? undefined : refusalOf('delegation.ended')
}

function follow(turn: Turn, order: Order): void {
  const { state } = turn
  state.order = order === 'resume' ? 'lend' : order
  state.orderedAt = turn.at
  if (order !== 'stop') return
  for (const held of [...state.held.values()]) giveBack(turn, held, 'shutdown')
  finish(turn)
}
