import { type JobId, type Lease, limits } from '@nexapod/specs'
import { answersFor } from './owed.ts'
import { type Contact, executionOf, type Held, type State, type Talk } from './state.ts'
import type { Turn } from './turn.ts'

/** Whatever a coordinator says confirms the renewals that it was sent before. */
export function confirm(turn: Turn, contact: Contact): void {
  for (const held of turn.state.held.values()) {
    if (held.renewedAt === undefined || !answersFor(turn.state, contact, held.lease)) continue
    held.endsAt = Math.max(held.endsAt, held.renewedAt + held.lease.leaseMs)
    delete held.renewedAt
  }
}

/** What is held by leases on which this coordinator's word holds. */
export function heldFor(state: State, contact: Contact): readonly Held[] {
  return [...state.held.values()].filter(({ lease, stage }) => {
    return stage !== 'ending' && answersFor(state, contact, lease)
  })
}

/** Shows a coordinator on a new stream which leases of its chain are still held. */
export function showLeases(turn: Turn, contact: Contact, talk: Talk): void {
  const mine = heldFor(turn.state, contact)
  for (const some of inFrames(mine)) {
    turn.say(talk, { type: 'hold', leases: some.map((held) => held.signed) })
  }
  for (const held of mine) {
    held.renewAt = turn.at
    if (held.shown) continue
    held.shown = true
    held.since = turn.at
    held.endsAt = turn.at + held.lease.leaseMs
  }
}

/** Asks for jobs that leases name and that are not known. */
export function askForJobs(turn: Turn, talk: Talk, held: readonly Held[]): void {
  const missing = new Set<JobId>()
  for (const { lease } of held) {
    if (!turn.state.jobs.has(lease.job) && !talk.asked.has(lease.job)) missing.add(lease.job)
  }
  for (const jobs of inFrames([...missing])) {
    turn.say(talk, { type: 'ask', jobs })
    for (const id of jobs) talk.asked.add(id)
  }
}

/** Renews what is due, and what would be soon. */
export function renew(turn: Turn, talk: Talk, held: readonly Held[]): void {
  if (!held.some((one) => turn.due(one.renewAt))) return
  // Those that would be due soon go with those that are.
  const soon = held.filter((one) => one.renewAt <= turn.at + renewMs(one.lease, talk) / 4)
  for (const some of inFrames(soon)) {
    turn.say(talk, { type: 'renew', executions: some.map(({ lease }) => executionOf(lease)) })
  }
  for (const one of soon) {
    one.renewAt = turn.at + renewMs(one.lease, talk)
    one.renewedAt ??= turn.at
  }
}

/** How often a lease is renewed. */
export function renewMs({ leaseMs }: Lease, talk: Talk): number {
  return Math.min(Math.floor(leaseMs / 3), talk.renewMs)
}

/** Cuts a list so that each part fits into one message. */
function* inFrames<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let i = 0; i < list.length; i += limits.perFrameMax) {
    yield list.slice(i, i + limits.perFrameMax)
  }
}
