import { limits } from '@nexapod/specs'
import { choose, seek } from './choice.ts'
import { contactOn, keepTime, lose, meetRoster, unbar } from './contacts.ts'
import type { Effect } from './effect.ts'
import type { Event } from './event.ts'
import { greet } from './greeting.ts'
import { hear, hearBeacon } from './hear.ts'
import { whyIdle } from './idle.ts'
import { settleLeases } from './leases.ts'
import { offered } from './load.ts'
import { settleOffers, unquiet } from './offers.ts'
import { finish, obey } from './orders.ts'
import { seal, settleReceipts } from './receipts.ts'
import { executed, fetched, ran, settleRunning } from './running.ts'
import { type State, talkOf } from './state.ts'
import { Turn } from './turn.ts'
import { shedUnwanted } from './unwanted.ts'

/** Changes the state by events of one moment, and says what is to be done about them. */
export function step(state: State, event: Event, ...more: readonly Event[]): readonly Effect[] {
  if (state.finished) return []
  if (event.at < state.at) throw new Error(`time went back from ${state.at} to ${event.at}`)
  state.at = event.at
  const turn = new Turn(state, event)
  for (const one of [event, ...more]) take(turn, one)
  seal(turn)
  settle(turn)
  return turn.end()
}

/** More passes than this mean that two rules undo each other. */
const passesMax = 100

/** Does all that is due, until a pass over everything adds nothing. */
export function settle(turn: Turn): void {
  for (let pass = 0; pass < passesMax; pass++) {
    const before = turn.size
    turn.again()
    if (turn.state.finished) return
    keepTime(turn)
    settleLeases(turn)
    settleRunning(turn)
    settleOffers(turn)
    settleReceipts(turn)
    choose(turn, offered(turn.state).offer.units > 0)
    seek(turn)
    end(turn)
    tellIdle(turn)
    if (turn.size === before) return
  }
  throw new Error('a step comes to no end')
}

function take(turn: Turn, event: Event): void {
  const { state } = turn
  switch (event.type) {
    case 'tick':
      break
    case 'order':
      obey(turn, event.order)
      break
    case 'limits':
      state.limits = event.limits
      unquiet(state)
      shedUnwanted(turn)
      break
    case 'observed':
      state.observations = event.observations
      break
    case 'roster':
      state.roster = event.roster
      unbar(state)
      meetRoster(turn)
      break
    case 'delegation':
      state.delegation = event.delegation
      unbar(state)
      break
    case 'beacon':
      hearBeacon(turn, event.beacon)
      break
    case 'fetched':
      fetched(turn, event.key, event.there)
      break
    case 'ran':
      ran(turn, event.key)
      break
    case 'executed':
      executed(turn, event.key, event.ended)
      break
    default:
      takeOnStream(turn, event)
  }
}

/** What comes on a stream that is no more is of no interest. */
function takeOnStream(
  turn: Turn,
  event: Event & { readonly type: 'opened' | 'heard' | 'closed' },
): void {
  const contact = contactOn(turn.state, event.stream)
  if (contact === undefined) return
  if (event.type === 'opened') greet(turn, contact)
  else if (event.type === 'heard') hear(turn, contact, event.messages)
  else lose(turn, contact)
}

/** A node that was told to finish goes when nothing runs and nothing can be delivered any more. */
function end(turn: Turn): void {
  const { state } = turn
  if (state.order !== 'finish' || state.held.size > 0) return
  const talks = [...state.contacts.values()].map(talkOf)
  const flying = talks.some((talk) => talk !== undefined && talk.flying.size > 0)
  if (flying && !turn.due(state.orderedAt + limits.leaseMs)) return
  finish(turn)
}

/** Tells the owner why nothing runs, whenever that changes. */
function tellIdle(turn: Turn): void {
  const { state } = turn
  const reasons = whyIdle(state)
  const codes = reasons.map(({ code }) => code).join()
  if (codes === state.idle) return
  state.idle = codes
  turn.tell({ type: 'idle', reasons })
}
