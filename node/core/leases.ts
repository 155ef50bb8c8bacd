import {
  type Execution,
  type Job,
  jobDocument,
  jobId,
  type Lease,
  leaseDocument,
  limits,
  open,
  type Refusal,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import type { Without } from './effect.ts'
import type { Why } from './event.ts'
import { checkJob, checkOffered, isPassedBy, unwanted, unwished } from './job-fit.ts'
import { offered } from './load.ts'
import { isFresh } from './offers.ts'
import { answersFor } from './owed.ts'
import { askForJobs, heldFor, renew, renewMs } from './renewals.ts'
import { overAt } from './run-time.ts'
import { type Contact, type Held, keyOf, type State, type Talk, talkOf } from './state.ts'
import type { Turn } from './turn.ts'

/** Takes a lease that a coordinator gave, or says what is wrong with it. */
export function takeLease(
  turn: Turn,
  contact: Contact,
  talk: Talk,
  signed: Signed<Lease>,
): Refusal | undefined {
  const { state, at } = turn
  const opened = open(leaseDocument, signed)
  if (!opened.ok) return opened.refusal
  const lease = opened.value
  const wrong = checkLease(state, contact, lease)
  if (wrong !== undefined) return wrong
  const key = keyOf(lease.coordinator, lease)
  if (state.held.has(key) || state.kept.has(key)) return undefined
  if (state.ended.has(key)) return refusalOf('lease.fenced', { detail: 'it has ended here' })
  if (talk.draining || !spend(turn, talk)) {
    abort(turn, talk, lease, 'owner')
    return refusalOf('wire.message', { at: 'lease', detail: 'more units than were offered' })
  }
  // Whoever had nothing has something now: it is asked for more at once.
  if (talk.quietUntil === undefined) learnAnswer(turn, talk)
  delete talk.quietUntil
  const lends = offered(state).reasons.every(({ code }) => code === 'full')
  if (!lends || state.held.size >= limits.leasesPerNodeMax) {
    // It crossed what told that nothing is lent any more.
    remember(state, key)
    abort(turn, talk, lease, 'owner')
    return undefined
  }
  for (const held of state.held.values()) {
    if (!answersFor(state, contact, held.lease) || !isPassedBy(held.lease, lease)) continue
    release(turn, held, 'cancelled', true)
  }
  state.held.set(key, {
    key,
    signed,
    lease,
    stage: 'leased',
    since: at,
    endsAt: at + lease.leaseMs,
    renewAt: at + renewMs(lease, talk),
    stream: talk.stream,
    shown: true,
    late: false,
  })
  turn.keep({ name: `lease/${key}`, row: { type: 'lease', lease: signed } })
  turn.tell({ type: 'leased', key })
  return fit(turn, contact, key)
}

/** A quick answer may have been luck: the next one comes behind a step that is full. */
const answerMsMin = 20

/** A running mean of how long the first lease takes to come on an offer. */
function learnAnswer({ state, at }: Turn, { offer }: Talk): void {
  if (offer.left !== offer.offer.units - 1) return
  const tookMs = Math.max(answerMsMin, at - offer.at)
  const { answerMs } = state
  state.answerMs = answerMs === undefined ? tookMs : Math.ceil((7 * answerMs + tookMs) / 8)
}

/** Takes a job that a lease names, or says what is wrong with it. */
export function takeJob(
  turn: Turn,
  contact: Contact,
  talk: Talk,
  signed: Signed<Job>,
): Refusal | undefined {
  const { state } = turn
  const id = jobId(signed)
  const named = [...state.held.values()].some(({ lease }) => {
    return lease.job === id && answersFor(state, contact, lease)
  })
  if (!talk.asked.delete(id) && !named) {
    return refusalOf('wire.message', { at: 'job', detail: 'neither leased nor asked for' })
  }
  const opened = open(jobDocument, signed)
  if (!opened.ok) return opened.refusal
  state.jobs.set(id, opened.value)
  pruneJobs(state)
  let wrong: Refusal | undefined
  for (const { key, lease } of [...state.held.values()]) {
    if (lease.job !== id) continue
    const refusal = fit(turn, contact, key)
    if (answersFor(state, contact, lease)) wrong ??= refusal
  }
  return wrong
}

/** Lets a lease go that is over, asks for jobs that are missing, and renews the rest. */
export function settleLeases(turn: Turn): void {
  const { state } = turn
  for (const held of [...state.held.values()]) endIfDue(turn, held)
  for (const contact of state.contacts.values()) {
    const talk = talkOf(contact)
    if (talk === undefined) continue
    const held = heldFor(state, contact)
    askForJobs(turn, talk, held)
    renew(turn, talk, held)
  }
}

/** Gives a unit back: the coordinator is told that it is free again. */
export function giveBack(turn: Turn, held: Held, why: Why): void {
  for (const contact of turn.state.contacts.values()) {
    const talk = talkOf(contact)
    if (talk === undefined || !answersFor(turn.state, contact, held.lease)) continue
    abort(turn, talk, held.lease, why)
  }
  release(turn, held, why, false)
}

/** Ends a lease without a receipt; a late result of it may still be delivered. */
export function release(turn: Turn, held: Held, without: Without, late: boolean): void {
  const { state, at } = turn
  const { key, stage } = held
  if (stage === 'ending') return
  turn.forget(`lease/${key}`)
  turn.tell({ type: 'ended', key, without })
  remember(state, key)
  if (stage === 'leased' || stage === 'ready') {
    dropHeld(state, held)
    return
  }
  turn.act({ type: 'kill', key })
  held.stage = 'ending'
  held.since = at
  held.late = late
}

/** Has no memory of a unit any more, and of its job no longer than is of use. */
export function dropHeld(state: State, held: Held): void {
  state.held.delete(held.key)
  pruneJobs(state)
}

function checkLease({ setting }: State, contact: Contact, lease: Lease): Refusal | undefined {
  if (lease.coordinator !== contact.coordinator) {
    return refusalOf('lease.unknown', { at: 'coordinator', detail: 'not of this stream' })
  }
  if (lease.node !== setting.signer.id) {
    return refusalOf('wire.message', { at: 'lease.node', detail: 'a lease for another node' })
  }
  const { writes } = contact
  if (writes?.chain !== lease.chain || writes.epoch !== lease.epoch) {
    return refusalOf('lease.unknown', { at: 'chain', detail: 'not a chain that it writes' })
  }
  return undefined
}

/** Whether one more unit was offered, by the last offer or those that it may have crossed. */
function spend(turn: Turn, talk: Talk): boolean {
  const former = talk.former.find((one) => one.left > 0 && isFresh(turn, one))
  const on = former ?? talk.offer
  if (on.left === 0) return false
  on.left--
  return true
}

/** Checks a lease against its job once that is known, and gives back what does not fit. */
function fit(turn: Turn, contact: Contact, key: string): Refusal | undefined {
  const { state } = turn
  const held = state.held.get(key)
  const talk = talkOf(contact)
  if (held === undefined || held.stage === 'ending') return undefined
  const job = state.jobs.get(held.lease.job)
  if (job === undefined) return undefined
  const right = checkJob(held.lease, job)
  if (!right.ok) {
    giveBack(turn, held, 'data')
    return right.refusal
  }
  const why = unwanted(state.limits, job)
  if (why !== undefined) giveBack(turn, held, why)
  if (why !== undefined) return undefined
  // What was leased on an earlier stream was offered there; but limits may be others since.
  if (talk?.stream !== held.stream) {
    if (unwished(state.limits, job) !== undefined) giveBack(turn, held, 'owner')
    return undefined
  }
  const last = checkOffered(talk.offer.offer, job)
  if (last.ok) return undefined
  const before = talk.former.some(({ offer }) => checkOffered(offer, job).ok)
  giveBack(turn, held, 'owner')
  return before ? undefined : last.refusal
}

function endIfDue(turn: Turn, held: Held): void {
  const { state } = turn
  const { stage, lease } = held
  if (stage === 'ending') return
  const unitMs = state.jobs.get(lease.job)?.resources.unitMs ?? limits.unitMsMax
  if (turn.due(held.endsAt)) release(turn, held, 'expired', true)
  else if (stage === 'executing' && turn.due(overAt(state, held, unitMs))) {
    giveBack(turn, held, 'time')
  } else if (stage !== 'executing' && turn.due(held.since + limits.stillMs)) {
    giveBack(turn, held, stage === 'fetching' ? 'data' : 'owner')
  } else if (stage === 'leased' && held.shown && !state.jobs.has(lease.job)) {
    // A job travels in a moment; who never sends it would hold the place of one that it has.
    if (turn.due(held.since + 2 * limits.answerMs)) giveBack(turn, held, 'data')
  }
}

function abort(turn: Turn, talk: Talk, execution: Execution | Lease, why: Why): void {
  const { job, unit, slot, epoch, fence } = execution
  turn.say(talk, { type: 'abort', executions: [{ job, unit, slot, epoch, fence }], why })
}

/** Jobs of no lease are remembered for a while, the oldest forgotten first. */
function pruneJobs(state: State): void {
  const needed = new Set(Array.from(state.held.values(), ({ lease }) => lease.job))
  const others = [...state.jobs.keys()].filter((id) => !needed.has(id))
  for (const id of others.slice(0, -limits.jobsKnownMax)) {
    state.jobs.delete(id)
    state.paces.delete(id)
  }
}

/** Ended leases are remembered for a while, the oldest forgotten first. */
export function remember(state: State, key: string): void {
  state.ended.add(key)
  if (state.ended.size <= limits.leasesEndedMax) return
  for (const oldest of state.ended) {
    state.ended.delete(oldest)
    break
  }
}
