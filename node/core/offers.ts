import { limits, type Offer } from '@nexapod/specs'
import { inOrder } from './choice.ts'
import { needOf } from './contacts.ts'
import { offered } from './load.ts'
import type { Contact, Standing, State, Talk } from './state.ts'
import type { Turn } from './turn.ts'

/** What is offered in a hello: what nobody else was offered already. */
export function offerTo(turn: Turn, contact: Contact): Offer {
  const { state } = turn
  const { offer } = offered(state)
  const others = talksOf(state).filter(({ link }) => link !== contact.link)
  const promised = others.reduce((sum, { link }) => sum + awaited(link), 0)
  const units = Math.min(Math.max(0, offer.units - promised), chainRoom(state, contact))
  return withUnits(offer, units)
}

/**
 * Offers what is free to the first coordinator that may have something, and tells all others when
 * less is lent than they were offered.
 */
export function settleOffers(turn: Turn): void {
  const { state } = turn
  const { offer } = offered(state)
  const talks = talksOf(state)
  for (const { link } of talks) {
    listen(turn, link)
    // What stood there was taken back while the node was busy: nobody would come back to it.
    if (link.quietUntil !== undefined && link.offer.left === 0 && offer.units > 0) {
      delete link.quietUntil
    }
  }
  let spare = offer.units
  const shares = talks.map(({ contact, link }) => {
    const room = Math.min(offer.units, chainRoom(state, contact))
    if (link.quietUntil !== undefined) {
      return { contact, link, room, units: Math.min(link.offer.left, room) }
    }
    // What was offered is offered again, so that it is answered again.
    const units = link.again ? 0 : Math.min(link.offer.left, room, spare)
    spare -= units
    return { contact, link, room, units }
  })
  for (const { link, room, units } of drawn(turn, shares)) {
    if (link.stage === 'greeting') continue
    const quiet = link.quietUntil !== undefined
    const more = quiet ? 0 : Math.min(spare, room - units)
    spare -= more
    const told = quiet
      ? isLess(offer, units, link.offer)
      : isTold(link, units + more) || isDue(turn, offer, units + more, link.offer)
    link.again = false
    if (told) send(turn, link, withUnits(offer, units + more))
  }
}

/**
 * Who is offered what is free: the first is drawn among those that may have something. Who has ten
 * times as many units that nobody has is drawn more often, not ten times as often: so the work of
 * all goes on, and whoever publishes little does not wait until what is much is done.
 */
function drawn<T extends Spoken>(turn: Turn, shares: readonly T[]): readonly T[] {
  const asked = shares.filter(({ link }) => link.stage === 'open' && link.quietUntil === undefined)
  if (asked.length < 2) return shares
  const weights = asked.map(
    ({ contact }) => 33 - Math.clz32(Math.max(0, needOf(turn.state, contact))),
  )
  let at = turn.below(weights.reduce((sum, weight) => sum + weight, 0))
  const first = asked.find((_, i) => {
    at -= weights[i] ?? 0
    return at < 0
  })
  return first === undefined ? shares : [first, ...shares.filter((one) => one !== first)]
}

/** A coordinator has nothing now: it is asked again after a while, and others meanwhile. */
export function quieten(turn: Turn, talk: Talk, retryMs: number): void {
  talk.quietUntil = turn.after(0) + retryMs
}

/** What was asked may be asked again. */
export function unquiet(state: State): void {
  for (const { link } of talksOf(state)) if (link.quietUntil !== undefined) link.quietUntil = 0
}

interface Spoken {
  readonly contact: Contact
  readonly link: Talk
}

/** Streams on which units can be asked for, in the order of preference. */
function talksOf(state: State): Spoken[] {
  return inOrder(state).flatMap((contact) => {
    const { link } = contact
    const talks = link.stage === 'greeting' || (link.stage === 'open' && !link.draining)
    return talks ? [{ contact, link }] : []
  })
}

/** How many units are expected on an offer: none where the answer was that there are none. */
function awaited(talk: Talk): number {
  return talk.quietUntil === undefined ? talk.offer.left : 0
}

/** Ends the wait for an answer, and the pause after one. */
function listen(turn: Turn, talk: Talk): void {
  const { offer } = talk
  if (talk.quietUntil !== undefined) {
    if (!turn.due(talk.quietUntil)) return
    delete talk.quietUntil
    talk.again = true
  } else if (talk.stage === 'open' && offer.left > 0 && turn.due(offer.at + limits.answerMs)) {
    quieten(turn, talk, limits.answerMs)
  }
}

/** Receipts of one chain may take half of the room, so that none that never ends takes it all. */
function chainRoom(state: State, { writes }: Contact): number {
  let room: number = limits.receiptsKeptMax / 2
  if (writes === undefined) return room
  room -= state.keptOf.get(writes.chain) ?? 0
  for (const { lease } of state.held.values()) if (lease.chain === writes.chain) room--
  return Math.max(0, room)
}

/** Whether an offer that had its answer is told again: there is something, or no more. */
function isTold({ again, offer }: Talk, units: number): boolean {
  return again && units + offer.left > 0
}

/** More is offered at once if it is much more, and else from time to time. */
function isDue(turn: Turn, offer: Offer, units: number, last: Standing): boolean {
  if (isLess(offer, units, last)) return true
  if (units === 0) return false
  if (last.left === 0 || units >= 2 * last.left) return true
  return (units > last.left || !isSame(offer, last.offer)) && turn.due(last.at + limits.pauseMs)
}

/** Whether less is lent than was offered last, which has to be told. */
function isLess(offer: Offer, units: number, last: Standing): boolean {
  if (last.left === 0 && units === 0) return false
  const before = last.offer
  return (
    units < last.left ||
    offer.cores < before.cores ||
    offer.ramBytes < before.ramBytes ||
    offer.diskBytes < before.diskBytes ||
    offer.gpus.length < before.gpus.length ||
    offer.windowMs * 2 < before.windowMs ||
    wishes(offer) !== wishes(before)
  )
}

function isSame(offer: Offer, before: Offer): boolean {
  return (
    offer.cores === before.cores &&
    offer.ramBytes === before.ramBytes &&
    offer.diskBytes === before.diskBytes &&
    offer.gpus.length === before.gpus.length
  )
}

/** What is no number of which less would be less. */
function wishes({ tier, executors, projects, publishers, avoids }: Offer): string {
  return JSON.stringify([tier, executors, projects, publishers, avoids])
}

function send(turn: Turn, talk: Talk, offer: Offer): void {
  if (talk.offer.left > 0) replace(turn, talk)
  talk.offer = { offer, at: turn.at, left: offer.units }
  turn.say(talk, { type: 'offer', offer })
}

/** Offers that one offer may cross: in each of them a lease may have been on its way. */
const formerMax = 8

/** Remembers an offer that is replaced, as long as what was sent on it may be on its way. */
function replace(turn: Turn, talk: Talk): void {
  const { former } = talk
  former.push({ ...talk.offer, at: turn.at })
  while (former.length > formerMax || (former[0] && !isFresh(turn, former[0]))) former.shift()
}

/** Whether an offer was replaced so lately that what was sent on it may be on its way. */
export function isFresh({ at }: Turn, former: Standing): boolean {
  return at < former.at + limits.answerMs
}

function withUnits(offer: Offer, units: number): Offer {
  return units === offer.units ? offer : { ...offer, units }
}
