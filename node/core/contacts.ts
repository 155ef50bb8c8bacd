import {
  blame,
  type CoordinatorId,
  limits,
  type Refusal,
  refusalOf,
  sha256,
  toHex,
} from '@nexapod/specs'
import { type Contact, type State, type Talk, talkOf } from './state.ts'
import type { Turn } from './turn.ts'

/** A coordinator that nothing is known of. */
export function contactOf(state: State, coordinator: CoordinatorId): Contact {
  const known = state.contacts.get(coordinator)
  if (known !== undefined) return known
  const both = new TextEncoder().encode(`${state.setting.signer.id} ${coordinator}`)
  const contact: Contact = {
    coordinator,
    affinity: toHex(sha256(both)),
    link: { stage: 'away' },
    dialAt: 0,
    failures: 0,
    known: false,
    writes: new Map(),
    beaconIssued: 0,
  }
  state.contacts.set(coordinator, contact)
  return contact
}

/** Knows those who coordinate now, and forgets the others unless they are owed something. */
export function meetRoster(turn: Turn): void {
  const { state } = turn
  const owed = creditors(state)
  const members = new Set(state.roster.members.map((member) => member.coordinator))
  for (const coordinator of members) contactOf(state, coordinator)
  for (const contact of state.contacts.values()) {
    if (members.has(contact.coordinator)) continue
    leave(turn, contact, refusalOf('chain.roster', { detail: 'no longer of the roster' }))
    if (owed.has(contact.coordinator)) continue
    state.contacts.delete(contact.coordinator)
    turn.forget(`coordinator/${contact.coordinator}`)
  }
}

/** The contact whose stream has this number, unless that stream is of the past. */
export function contactOn(state: State, stream: number): Contact | undefined {
  for (const contact of state.contacts.values()) {
    if (contact.link.stage !== 'away' && contact.link.stream === stream) return contact
  }
  return undefined
}

/** A stream failed: the next attempt waits, longer each time. */
export function lose(turn: Turn, contact: Contact, refusal?: Refusal): void {
  part(turn, contact, refusal)
  waitLonger(turn, contact)
}

/** A stream is ended because there is no more use for it, or none can be made of it. */
function leave(turn: Turn, contact: Contact, refusal?: Refusal): void {
  const { link } = contact
  if (link.stage === 'away') return
  turn.act({
    type: 'hangUp',
    stream: link.stream,
    ...(refusal === undefined ? {} : { refusal }),
  })
  part(turn, contact, refusal)
}

/** Ends a stream on which something is wrong. */
export function breakOff(turn: Turn, contact: Contact, refusal: Refusal): void {
  leave(turn, contact, refusal)
  waitLonger(turn, contact)
}

/** A coordinator said no to the hello, or to everything. */
export function refusedBy(turn: Turn, contact: Contact, refusal: Refusal): void {
  const { coordinator } = contact
  turn.tell({ type: 'refusedBy', coordinator, refusal })
  // What is a fault of ours gets the same answer as long as the hello is the same.
  if (contact.link.stage === 'greeting' && blame(refusal) === 'theirs') contact.barred = refusal
  breakOff(turn, contact, refusal)
  contact.dialAt = Math.max(contact.dialAt, turn.at + (refusal.retryMs ?? 0))
}

/** What the hello says has changed, so those who refused it may be asked again. */
export function unbar(state: State): void {
  for (const contact of state.contacts.values()) delete contact.barred
}

/** Those who have to be told something, or who have to tell us. */
function creditors(state: State): ReadonlySet<CoordinatorId> {
  const found = new Set<CoordinatorId>()
  for (const { lease, stage } of state.held.values()) {
    if (stage !== 'ending') found.add(lease.coordinator)
  }
  for (const { coordinator, writes } of state.contacts.values()) {
    for (const chain of writes.keys()) if (state.keptOf.has(chain)) found.add(coordinator)
  }
  return found
}

/** All contacts, those first that the node would rather talk to. */
export function inOrder(state: State): readonly Contact[] {
  const owed = creditors(state)
  const rows = [...state.contacts.values()].map((contact) => {
    const wants = [owed.has(contact.coordinator), contact.known, (contact.openUnits ?? 0) > 0]
    const rank = wants.reduce((sum, want) => sum * 2 + (want ? 0 : 1), 0)
    return { contact, order: `${rank}${contact.affinity}` }
  })
  rows.sort((a, b) => (a.order < b.order ? -1 : 1))
  return rows.map(({ contact }) => contact)
}

/** Lets go of streams on which nothing comes in time, and keeps the others alive. */
export function keepTime(turn: Turn): void {
  for (const contact of turn.state.contacts.values()) {
    const { link } = contact
    const late = (detail: string) => refusalOf('wire.deadline', { detail })
    if (link.stage === 'dialling' && turn.due(link.since + limits.answerMs)) {
      breakOff(turn, contact, late('no stream'))
    } else if (link.stage === 'greeting' && turn.due(link.since + limits.helloMs)) {
      breakOff(turn, contact, late('no welcome'))
    } else if (link.stage === 'open' && turn.due(link.heardAt + limits.idleMs)) {
      breakOff(turn, contact, late('no sign of life'))
    } else if (link.stage === 'open') {
      if (contact.failures > 0 && turn.due(link.since + limits.steadyMs)) contact.failures = 0
      if (turn.due(link.saidAt + link.renewMs)) turn.say(link, { type: 'alive' })
    }
  }
}

/** Whether a coordinator that has welcomed the node gives it nothing at the moment. */
function isDry(talk: Talk): boolean {
  return talk.quietUntil !== undefined
}

/** Dials as many coordinators as the node has a use for, and leaves those that are of none. */
export function choose(turn: Turn, wanting: boolean): void {
  const { state } = turn
  const order = inOrder(state)
  const owed = creditors(state)
  const serving = order.filter(({ link }) => {
    return link.stage !== 'away' && !(link.stage === 'open' && link.draining)
  })
  const least = wanting ? limits.coordinatorsDefault : 0
  dial(turn, order, owed, serving, least)
  let spare = serving.length - least
  for (const contact of order.toReversed()) {
    const talk = talkOf(contact)
    if (talk === undefined) continue
    const serves = !talk.draining && wanting && (spare <= 0 || !isDry(talk))
    if (owed.has(contact.coordinator) || serves) {
      talk.usefulAt = turn.at
      continue
    }
    if (!talk.draining) spare--
    if (!talk.draining && !turn.due(talk.usefulAt + limits.lingerMs)) continue
    turn.say(talk, { type: 'bye' })
    // Others are tried before it is its turn again.
    contact.dialAt = Math.max(contact.dialAt, turn.at + limits.lingerMs)
    leave(turn, contact)
  }
}

/** Dials those that are owed something, two in any case, and more if all of them have nothing. */
function dial(
  turn: Turn,
  order: readonly Contact[],
  owed: ReadonlySet<CoordinatorId>,
  serving: readonly Contact[],
  least: number,
): void {
  const { state } = turn
  const members = new Set(state.roster.members.map((member) => member.coordinator))
  const open = serving.map(talkOf)
  const dry = open.length > 0 && open.every((talk) => talk !== undefined && isDry(talk))
  let count = serving.length
  const most = least > 0 && dry ? Math.min(count + 1, limits.coordinatorsMax) : 0
  for (const contact of order) {
    const { coordinator, link, barred, openUnits } = contact
    if (link.stage !== 'away' || barred !== undefined || !members.has(coordinator)) continue
    const more = count < least || (count < most && openUnits !== 0)
    if (!more && !owed.has(coordinator)) continue
    if (!turn.due(contact.dialAt)) continue
    count++
    state.streams++
    contact.link = { stage: 'dialling', stream: state.streams, since: turn.at }
    turn.act({ type: 'dial', stream: state.streams, coordinator })
  }
}

function waitLonger(turn: Turn, contact: Contact): void {
  contact.dialAt = Math.max(contact.dialAt, turn.after(contact.failures))
  contact.failures++
}

function part(turn: Turn, contact: Contact, refusal: Refusal | undefined): void {
  const { coordinator, link } = contact
  contact.link = { stage: 'away' }
  for (const held of turn.state.held.values()) {
    if (held.lease.coordinator === coordinator) delete held.renewedAt
  }
  if (link.stage !== 'open') return
  turn.tell({ type: 'lost', coordinator, ...(refusal === undefined ? {} : { refusal }) })
}
