import { type Reason, reason } from './limits/reasons.ts'
import { offered } from './load.ts'
import type { Held, State } from './state.ts'

/** Why nothing runs at this moment; nothing is said while something does. */
export function whyIdle(state: State): readonly Reason[] {
  const held = [...state.held.values()]
  if (held.some(({ stage }) => stage === 'executing' || stage === 'keeping')) return []
  const lends = offered(state).reasons.filter(({ code }) => code !== 'full')
  const found = [...lends, ...waits(held)]
  return found.length > 0 ? found : [askingReason(state)]
}

/** What the units wait for that are held. */
function waits(held: readonly Held[]): Reason[] {
  const found: Reason[] = []
  const add = (code: Reason['code'], stages: readonly Held['stage'][]) => {
    const units = held.filter(({ stage }) => stages.includes(stage)).length
    if (units > 0) found.push(reason(code, units === 1 ? '1 unit' : `${units} units`))
  }
  add('frozen', ['frozen'])
  add('fetching', ['leased', 'fetching'])
  add('waiting', ['ready'])
  add('ending', ['ending'])
  return found
}

/** Why no unit comes though there is room for one. */
function askingReason(state: State): Reason {
  const contacts = [...state.contacts.values()]
  const talks = contacts.flatMap(({ link }) => (link.stage === 'open' ? [link] : []))
  if (talks.length === 0) {
    const barred = contacts.find((contact) => contact.barred !== undefined)?.barred
    return barred === undefined ? reason('coordinator') : reason('refused', barred.code)
  }
  const asked = talks.filter((talk) => !talk.draining && talk.quietUntil === undefined)
  if (asked.length > 0) return reason('asking')
  const codes = new Set(talks.flatMap((talk) => talk.idle))
  return codes.size === 0 ? reason('no-work') : reason('no-work', [...codes].join(', '))
}
