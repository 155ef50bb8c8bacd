import { type ChainId, type CoordinatorId, limits } from '@nexapod/specs'
import { hasTalk, leave, needOf } from './contacts.ts'
import { creditors, openChains } from './owed.ts'
import { type Contact, type State, type Talk, talkOf } from './state.ts'
import type { Turn } from './turn.ts'

/** All contacts, those first that the node would rather talk to. */
export function inOrder(state: State): readonly Contact[] {
  const owed = creditors(state)
  const known = new Set<ChainId | undefined>()
  const contacts = [...state.contacts.values()]
  for (const contact of contacts) if (contact.known) known.add(contact.writes?.chain)
  const rows = contacts.map((contact) => {
    // Who goes on with a chain is as good as who wrote it before.
    const isKnown = contact.writes !== undefined && known.has(contact.writes.chain)
    const wants = [owed.has(contact), isKnown, needOf(state, contact) > 0]
    const rank = wants.reduce((sum, want) => sum * 2 + (want ? 0 : 1), 0)
    return { contact, order: `${rank}${contact.affinity}` }
  })
  rows.sort((a, b) => (a.order < b.order ? -1 : 1))
  return rows.map(({ contact }) => contact)
}

/** Whether a coordinator that has welcomed the node gives it nothing at the moment. */
function isDry(talk: Talk): boolean {
  return talk.quietUntil !== undefined
}

/** What there is of streams, and what there has to be. */
interface Company {
  readonly owed: ReadonlySet<Contact>
  readonly serving: readonly Contact[]
  /** So many streams, to so many coordinators. */
  readonly least: { readonly streams: number; readonly coordinators: number }
  /** Whether all that serve have nothing. */
  readonly dry: boolean
}

/** Dials as many coordinators as the node has a use for, and leaves those that are of none. */
export function choose(turn: Turn, wanting: boolean): void {
  const { state } = turn
  const order = inOrder(state)
  const serving = order.filter(({ link }) => {
    return link.stage !== 'away' && !(link.stage === 'open' && link.draining)
  })
  const talks = serving.map(talkOf)
  const streams = wanting ? limits.coordinatorsDefault : 0
  const company: Company = {
    owed: creditors(state),
    serving,
    least: { streams, coordinators: Math.min(streams, state.roster.members.length) },
    dry: talks.length > 0 && talks.every((talk) => talk !== undefined && isDry(talk)),
  }
  const isCrowded = dial(turn, order, company)
  leaveSome(turn, order.toReversed(), company, wanting, isCrowded)
}

/**
 * Dials those that are owed something, two in any case, and more if all of them have nothing. True
 * if somebody is said to have units for whom there is no place.
 */
function dial(turn: Turn, order: readonly Contact[], company: Company): boolean {
  const { state } = turn
  const { owed, serving, least, dry } = company
  const members = new Set(state.roster.members.map((member) => member.coordinator))
  const met = new Set(serving.map(({ coordinator }) => coordinator))
  let count = serving.length
  const wants = least.streams > 0 && dry
  const most = wants ? Math.min(count + 1, limits.coordinatorsMax) : 0
  let isCrowded = false
  for (const contact of order) {
    const { coordinator, link, barred } = contact
    if (link.stage !== 'away' || barred !== undefined || !members.has(coordinator)) continue
    const need = needOf(state, contact)
    const few = count < least.streams || (met.size < least.coordinators && !met.has(coordinator))
    const more = few || (count < most && need !== 0)
    if (!more && !owed.has(contact)) {
      isCrowded ||= wants && need > 0 && turn.due(contact.dialAt)
      continue
    }
    if (!turn.due(contact.dialAt)) continue
    count++
    met.add(coordinator)
    state.streams++
    contact.link = { stage: 'dialling', stream: state.streams, since: turn.at }
    turn.act({ type: 'dial', stream: state.streams, coordinator })
  }
  return isCrowded
}

function leaveSome(
  turn: Turn,
  order: readonly Contact[],
  { owed, serving, least }: Company,
  wanting: boolean,
  isCrowded: boolean,
): void {
  let spare = serving.length - least.streams
  let crowded = isCrowded
  const streamsTo = new Map<CoordinatorId, number>()
  for (const { coordinator } of serving) {
    streamsTo.set(coordinator, (streamsTo.get(coordinator) ?? 0) + 1)
  }
  for (const contact of order) {
    const talk = talkOf(contact)
    if (talk === undefined) continue
    const { coordinator } = contact
    const isOnly = streamsTo.get(coordinator) === 1 && streamsTo.size <= least.coordinators
    const isSpare = spare > 0 && !isOnly && isDry(talk)
    if (owed.has(contact) || (wanting && !talk.draining && !isSpare)) {
      talk.usefulAt = turn.at
      continue
    }
    const isOver = talk.draining || crowded || turn.due(talk.usefulAt + limits.lingerMs)
    if (!talk.draining) spare--
    if (!isOver) continue
    if (!talk.draining) {
      crowded = false
      take(streamsTo, coordinator)
    }
    turn.say(talk, { type: 'bye' })
    // Others are tried before it is its turn again.
    contact.dialAt = Math.max(contact.dialAt, turn.at + limits.lingerMs)
    leave(turn, contact)
  }
}

function take(counts: Map<CoordinatorId, number>, coordinator: CoordinatorId): void {
  const left = (counts.get(coordinator) ?? 0) - 1
  if (left > 0) counts.set(coordinator, left)
  else counts.delete(coordinator)
}

/** Asks who writes chains that the node has to do with, while it talks to nobody about them. */
export function seek(turn: Turn): void {
  const { state } = turn
  const { sought } = state
  const chains = openChains(state)
  for (const chain of sought.keys()) {
    if (!chains.has(chain) || hasTalk(state, chain)) sought.delete(chain)
  }
  for (const chain of chains) {
    if (hasTalk(state, chain)) continue
    const before = sought.get(chain)
    if (before === undefined) {
      sought.set(chain, { at: turn.after(0, limits.seekMs), tries: 0 })
    }
    const { at, tries } = sought.get(chain) ?? { at: turn.at, tries: 0 }
    if (!turn.due(at)) continue
    turn.act({ type: 'seek', chain })
    sought.set(chain, { at: turn.after(tries + 1, limits.seekMs), tries: tries + 1 })
  }
}
