import {
  blame,
  type ChainId,
  type CoordinatorId,
  limits,
  type Refusal,
  refusalOf,
  sha256,
  toHex,
} from '@nexapod/specs'
import { creditors } from './owed.ts'
import { type Contact, type State, talkOf, type Writing } from './state.ts'
import type { Turn } from './turn.ts'

/** A coordinator with the chain that it founded, whether or not anything is known of it. */
export function contactOf(state: State, coordinator: CoordinatorId): Contact {
  return state.contacts.get(coordinator) ?? newContact(state, coordinator, coordinator)
}

/** A coordinator with a chain that it writes, or wrote; none where it claims too many. */
export function writerOf(
  turn: Turn,
  coordinator: CoordinatorId,
  { chain, epoch }: Writing,
): Contact | undefined {
  const { state } = turn
  const home = contactOf(state, coordinator)
  // Nobody but who founded a chain writes its first epoch.
  if (home.writes === undefined && epoch === 0) home.writes = { chain, epoch }
  if (home.writes?.chain === chain) return home
  const key = `${coordinator}/${chain}`
  const known = state.contacts.get(key)
  if (known !== undefined) return known
  // It writes its own chain, and those that it has taken over: so many are known, and no more.
  const isFull = of(state, coordinator).length > limits.rosterMax
  if (isFull && !makeRoom(turn, coordinator)) return undefined
  const contact = newContact(state, coordinator, key)
  contact.writes = { chain, epoch }
  return contact
}

/**
 * Forgets what a coordinator wrote that is of the least use: nothing is owed there, and no unit was
 * open, or it was heard of longest ago. Whoever is there for long has taken over ever more chains,
 * and most of them are at rest, or written by another since.
 */
function makeRoom(turn: Turn, coordinator: CoordinatorId): boolean {
  const { state } = turn
  const owed = creditors(state)
  const needed = (contact: Contact) => (needOf(state, contact) > 0 ? 1 : 0)
  const [least] = of(state, coordinator)
    .filter((one) => one.key !== coordinator && one.link.stage === 'away' && !owed.has(one))
    .sort((a, b) => needed(a) - needed(b) || a.beaconIssued - b.beaconIssued)
  if (least === undefined) return false
  state.contacts.delete(least.key)
  turn.forget(`coordinator/${least.key}`)
  return true
}

/** Units that nobody has, by a beacon that is not too old; -1 if there is none. */
export function needOf({ at }: State, { open }: Contact): number {
  return open === undefined || at >= open.at + limits.beaconMsMax ? -1 : open.units
}

/** A coordinator wrote this epoch of a chain at least. */
export function learnWriting(turn: Turn, coordinator: CoordinatorId, writing: Writing): void {
  const contact = writerOf(turn, coordinator, writing)
  if (contact === undefined || (contact.writes?.epoch ?? 0) >= writing.epoch) return
  contact.writes = writing
}

function newContact(state: State, coordinator: CoordinatorId, key: string): Contact {
  const both = new TextEncoder().encode(`${state.setting.signer.id} ${key}`)
  const contact: Contact = {
    key,
    coordinator,
    affinity: toHex(sha256(both)),
    link: { stage: 'away' },
    dialAt: 0,
    failures: 0,
    known: false,
    beaconIssued: 0,
  }
  state.contacts.set(key, contact)
  return contact
}

function of({ contacts }: State, coordinator: CoordinatorId): readonly Contact[] {
  return [...contacts.values()].filter((contact) => contact.coordinator === coordinator)
}

/**
 * Who was not known to have founded a chain is: it said so on a stream about no chain by name. What
 * is known of it as one that it took over goes into this.
 */
export function settleFounded(turn: Turn, founder: Contact, chain: ChainId): void {
  const { contacts } = turn.state
  const same = contacts.get(`${founder.coordinator}/${chain}`)
  if (same === undefined || same === founder) return
  leave(turn, same)
  contacts.delete(same.key)
  turn.forget(`coordinator/${same.key}`)
  founder.beaconIssued = Math.max(founder.beaconIssued, same.beaconIssued)
  if (same.open !== undefined) founder.open ??= same.open
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
    if (owed.has(contact)) continue
    state.contacts.delete(contact.key)
    turn.forget(`coordinator/${contact.key}`)
  }
}

/** The contact whose stream has this number, unless that stream is of the past. */
export function contactOn(state: State, stream: number): Contact | undefined {
  for (const contact of state.contacts.values()) {
    if (contact.link.stage !== 'away' && contact.link.stream === stream) return contact
  }
  return undefined
}

/** Whether there is a stream about a chain, on which the node was welcomed. */
export function hasTalk(state: State, chain: ChainId): boolean {
  for (const contact of state.contacts.values()) {
    if (contact.writes?.chain === chain && talkOf(contact) !== undefined) return true
  }
  return false
}

/** A stream failed: the next attempt waits, longer each time. */
export function lose(turn: Turn, contact: Contact, refusal?: Refusal): void {
  part(turn, contact, refusal)
  waitLonger(turn, contact)
}

/** A stream is ended because there is no more use for it, or none can be made of it. */
export function leave(turn: Turn, contact: Contact, refusal?: Refusal): void {
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

function waitLonger(turn: Turn, contact: Contact): void {
  contact.dialAt = Math.max(contact.dialAt, turn.after(contact.failures))
  contact.failures++
}

function part(turn: Turn, contact: Contact, refusal: Refusal | undefined): void {
  const { coordinator, link, writes } = contact
  contact.link = { stage: 'away' }
  if (link.stage !== 'open') return
  for (const held of turn.state.held.values()) {
    if (held.lease.chain === writes?.chain) delete held.renewedAt
  }
  turn.tell({ type: 'lost', coordinator, ...(refusal === undefined ? {} : { refusal }) })
}
