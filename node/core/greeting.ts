import { limits } from '@nexapod/specs'
import { offerTo } from './offers.ts'
import type { Contact, Talk } from './state.ts'
import type { Turn } from './turn.ts'

/** Says hello on a stream that has opened. */
export function greet(turn: Turn, contact: Contact): void {
  if (contact.link.stage !== 'dialling') return
  const { state, at } = turn
  const offer = offerTo(turn, contact)
  const talk: Talk = {
    stage: 'greeting',
    stream: contact.link.stream,
    since: at,
    heardAt: at,
    saidAt: at,
    renewMs: limits.renewMs,
    draining: false,
    faults: 0,
    usefulAt: at,
    offer: { offer, at, left: offer.units },
    former: [],
    again: false,
    idle: [],
    asked: new Set(),
    toDeliver: new Set(),
    flying: new Map(),
    toShow: new Set(),
    showAt: at,
  }
  contact.link = talk
  const { mesh } = state.setting
  const { delegation } = state
  const chain = contact.writes?.chain
  turn.say(talk, {
    type: 'hello',
    mesh,
    ...(chain === undefined ? {} : { chain }),
    offer,
    ...(delegation === undefined ? {} : { delegation }),
  })
}
