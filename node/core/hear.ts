import {
  type Beacon,
  beaconDocument,
  blame,
  type Execution,
  type FromCoordinator,
  limits,
  open,
  type Refusal,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import { breakOff, refusedBy, settleFounded, writerOf } from './contacts.ts'
import { release, takeJob, takeLease } from './leases.ts'
import { quieten } from './offers.ts'
import { obeyFromAfar } from './orders.ts'
import { answersFor } from './owed.ts'
import { acknowledge, decide, keysOf, refuseReceipt, showReceipts } from './receipts.ts'
import { confirm, showLeases } from './renewals.ts'
import { type Contact, type Talk, talkOf, type Writing } from './state.ts'
import type { Turn } from './turn.ts'

/** Takes what a coordinator says, message by message, until it says too much that is wrong. */
export function hear(turn: Turn, contact: Contact, messages: readonly FromCoordinator[]): void {
  for (const message of messages) {
    const { link } = contact
    if (link.stage === 'away' || link.stage === 'dialling') return
    link.heardAt = turn.at
    const greeting = link.stage === 'greeting'
    const refusal = greeting ? first(turn, contact, message) : next(turn, contact, link, message)
    if (refusal === undefined) continue
    turn.refuse(contact.coordinator, refusal)
    link.faults++
    // Who does not keep to the order of the protocol cannot be understood any further.
    const lost = greeting || message.type === 'welcome' || link.faults >= limits.refusedMax
    if (lost) breakOff(turn, contact, refusal)
  }
}

/** Takes a sign of life that gossip brought; one that proves nothing is dropped. */
export function hearBeacon(turn: Turn, signed: Signed<Beacon>): void {
  const { state, time } = turn
  const opened = open(beaconDocument, signed)
  if (!opened.ok) return
  const { mesh, coordinator, issued, chain, epoch, openUnits } = opened.value
  if (!state.contacts.has(coordinator) || mesh !== state.setting.mesh) return
  if (time - issued > limits.beaconMsMax) return
  // One from the future would silence all that are issued until then.
  if (issued > time + limits.clockSkewMs) return
  const contact = writerOf(turn, coordinator, { chain, epoch })
  if (contact === undefined || issued <= contact.beaconIssued) return
  contact.beaconIssued = issued
  contact.open = { units: openUnits, at: turn.at }
  const { writes } = contact
  if (writes === undefined || writes.epoch < epoch) wrote(turn, contact, { chain, epoch })
}

/** The first message must be the welcome, or a no. */
function first(turn: Turn, contact: Contact, message: FromCoordinator): Refusal | undefined {
  if (message.type === 'refuse') {
    refusedBy(turn, contact, message.refusal)
    return undefined
  }
  if (message.type !== 'welcome') {
    return refusalOf('wire.message', { detail: `${message.type} before the welcome` })
  }
  const { link, coordinator } = contact
  if (link.stage !== 'greeting') return undefined
  const { chain, epoch, renewMs } = message
  if (contact.writes !== undefined && contact.writes.chain !== chain) {
    return refusalOf('wire.message', { at: 'welcome.chain', detail: 'another than in the hello' })
  }
  settleFounded(turn, contact, chain)
  const talk: Talk = { ...link, stage: 'open', renewMs }
  contact.link = talk
  contact.known = true
  contact.writes = { chain, epoch }
  turn.keep({
    name: `coordinator/${contact.key}`,
    row: { type: 'coordinator', coordinator, chain, epoch },
  })
  turn.tell({ type: 'welcomed', coordinator })
  showLeases(turn, contact, talk)
  showReceipts(turn.state, contact, talk)
  return undefined
}

function next(
  turn: Turn,
  contact: Contact,
  talk: Talk,
  message: FromCoordinator,
): Refusal | undefined {
  confirm(turn, contact)
  switch (message.type) {
    case 'welcome':
      return refusalOf('wire.message', { detail: 'a second welcome' })
    case 'lease':
      return takeLease(turn, contact, talk, message.lease)
    case 'job':
      return takeJob(turn, contact, talk, message.job)
    case 'acknowledge':
      return acknowledge(turn, contact, talk, message.acknowledgement)
    case 'decided':
      return decide(turn, message.executions, message.checkpoint, message.cosignatures)
    case 'cancel':
      for (const execution of message.executions) cancel(turn, contact, execution)
      return undefined
    case 'order':
      return obeyFromAfar(turn, message.order)
    case 'idle':
      talk.idle = message.reasons.map(({ code }) => code)
      if (talk.offer.left > 0) quieten(turn, talk, message.retryMs)
      return undefined
    case 'alive':
      return undefined
    case 'drain':
      talk.draining = true
      contact.dialAt = turn.after(contact.failures) + (message.refusal.retryMs ?? 0)
      return undefined
    case 'refuse':
      refused(turn, contact, talk, message.refusal, message.execution)
      return undefined
  }
}

function refused(
  turn: Turn,
  contact: Contact,
  talk: Talk,
  refusal: Refusal,
  execution: Execution | undefined,
): void {
  if (execution === undefined) {
    turn.tell({ type: 'refusedBy', coordinator: contact.coordinator, refusal })
    if (blame(refusal) !== 'theirs') quieten(turn, talk, refusal.retryMs ?? limits.answerMs)
    return
  }
  refuseReceipt(turn, contact, talk, execution, refusal)
  if (blame(refusal) === 'theirs') cancel(turn, contact, execution)
}

/** Stops what is held, if it is for this coordinator to say. */
function cancel(turn: Turn, contact: Contact, execution: Execution): void {
  const { state } = turn
  for (const key of keysOf(state, execution)) {
    const held = state.held.get(key)
    if (held === undefined || !answersFor(state, contact, held.lease)) continue
    release(turn, held, 'cancelled', true)
  }
}

/** A coordinator writes a later epoch than it did, by its own word. */
function wrote(turn: Turn, contact: Contact, writing: Writing): void {
  contact.writes = writing
  // It was asked about an earlier one.
  delete contact.barred
  const talk = talkOf(contact)
  if (talk !== undefined) showReceipts(turn.state, contact, talk)
}
