import { balanceOf, type Work } from '@nexapod/ledger'
import {
  accounts,
  earned,
  limits,
  type Outcome,
  type OwnerId,
  type Receipt,
  type Signed,
} from '@nexapod/specs'
import { decided, learnFrom } from './aftermath.ts'
import type { Unit } from './book.ts'
import { closeJob } from './closing.ts'
import { isWornOut } from './excuses.ts'
import { sortFew } from './few.ts'
import { isBanned, isOwn, ownerNow, standingOf } from './people.ts'
import { isKnownRight } from './probes.ts'
import { reserve } from './reserve.ts'
import { termsOf, votesOf } from './terms.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'
import { heldOf, waitedOf } from './units.ts'
import { unasked } from './verdict/asked.ts'
import { decide } from './verdict/decide.ts'
import { judge, spared } from './verdict/judge.ts'
import type { Accepted, Decision, Vote, Wanted } from './verdict/vote.ts'

/** How long what is verified again waits for somebody to ask: credit of others waits with it. */
const againMsMax = 86_400_000
/** How often it is looked at again whether somebody else suits a unit that waits. */
const reviewMs = 30_000

/** Decides a unit, or says what it wants until it can be decided. */
export function rule(turn: Turn, unit: Unit): void {
  const { state } = turn
  if (unit.job.units.get(unit.number) !== unit) return
  ownedNow(turn, unit)
  // Which results are equal is being found out.
  if (unit.ballots.some(({ says }) => says === undefined)) return
  const votes = votesOf(state, unit)
  if (state.probes?.book === unit.job) {
    if (unit.stage === 'open' && unit.leases.size === 0) ruleProbe(turn, unit, votes)
    return
  }
  const terms = termsOf(state, unit, votes, turn.at)
  const decision = decide(votes, terms)
  if (unit.stage === 'decided') {
    if (!stillStands(unit, decision) && reopen(turn, unit)) act(turn, unit, decision, votes)
  } else act(turn, unit, decision, votes)
}

/** Whose a vote is counts when it is opened: until then its node may come to somebody else. */
function ownedNow({ state, time }: Turn, { ballots }: Unit): void {
  for (const ballot of ballots) {
    if (ballot.receipt !== undefined) ballot.owner = ownerNow(state, ballot.node, time)
  }
}

/** A unit with a known answer is decided by that alone. */
function ruleProbe(turn: Turn, unit: Unit, votes: readonly Vote[]): void {
  const right = unit.ballots.filter((ballot) => isKnownRight(turn.state, unit, ballot))
  const says = right[0]?.says
  if (says === undefined) giveUp(turn, unit, 'expired')
  else {
    const agreeing = slotsOf(right.map(({ slot }) => slot))
    accept(turn, unit, { type: 'accepted', says, agreeing, audited: false }, votes)
  }
}

/** Whether what was accepted is what is to be accepted now. */
function stillStands({ says }: Unit, decision: Decision): boolean {
  return says === undefined || (decision.type === 'accepted' && decision.says === says)
}

/** Opens a decided unit again, unless it is final already, or about to be. */
function reopen(turn: Turn, unit: Unit): boolean {
  const { state } = turn
  const { job, number } = unit
  const row = state.ledger.state.units.get(job.id, number)
  const cancelled = state.ledger.state.jobs.get(job.id)?.cancelled === true
  if (row?.type !== 'decided' || row.closing || cancelled) return false
  turn.note([{ type: 'reopen', job: job.id, unit: number }])
  turn.tell({ type: 'reopened', job: job.id, unit: number })
  unit.stage = 'open'
  reserve(state, unit)
  const use = state.uses.get(job.job.publisher)
  if (use !== undefined) use.units++
  return true
}

function act(turn: Turn, unit: Unit, decision: Decision, votes: readonly Vote[]): void {
  switch (decision.type) {
    case 'want':
      want(turn, unit, decision.wanted)
      break
    case 'accepted':
      accept(turn, unit, decision, votes)
      break
    case 'split':
      giveUp(turn, unit, 'split')
      closeJob(turn, unit.job, 'split')
      break
    default:
      giveUp(turn, unit, decision.type)
  }
}

/** Puts into the queue what is wanted and nobody has been asked for. */
function want(turn: Turn, unit: Unit, wanted: readonly Wanted[]): void {
  const { state, at } = turn
  const { job, number, leases, ballots } = unit
  if (job.closing !== undefined) {
    const as = job.closing.why === 'cancelled' ? 'cancelled' : 'expired'
    if (leases.size === 0) giveUp(turn, unit, as)
    return
  }
  const asked = Array.from(leases, ({ node }) => ({
    own: isOwn(state, node.owner),
    vouched: standingOf(state, node.id, job.kind).vouched,
    platform: node.platform,
  }))
  if (leases.size === 0 && unit.rounds > 0 && waitedOf(unit, at) >= againMsMax) {
    giveUp(turn, unit, 'expired')
    return
  }
  const free = limits.slotsMax - ballots.length - leases.size
  const all = unasked(wanted, asked)
  const open = all.length > free ? all.slice(0, free) : all
  if (open.length === 0 && leases.size === 0) {
    giveUp(turn, unit, 'expired')
    return
  }
  state.queue.need(job.id, number, open, open.length === 0 ? [] : heldOf(turn, unit), at)
  if (open.length === 0) {
    if (unit.waitsSince !== undefined) unit.waitedMs += at - unit.waitsSince
    unit.waitsSince = undefined
  } else {
    state.fresh = true
    if (unit.waitsSince !== undefined) return
    unit.waitsSince = at
    state.timers.add(at + reviewMs, { type: 'waiting', unit, since: at })
  }
}

/** Looks at a unit again that still waits, and has done so since then. */
export function review(turn: Turn, unit: Unit, since: number): void {
  const { state, at } = turn
  if (unit.waitsSince !== since || unit.stage === 'decided') return
  state.toRule.add(unit)
  state.timers.add(at + reviewMs, { type: 'waiting', unit, since })
}

function accept(turn: Turn, unit: Unit, accepted: Accepted, votes: readonly Vote[]): void {
  const { job, number, ballots } = unit
  const outcome = outcomeOf(unit, accepted)
  if (outcome === undefined) {
    // It was forgotten with a restart: whoever agrees brings it again.
    want(turn, unit, [{ from: 'any', referee: true }])
    return
  }
  const isExcused = ({ node }: Vote) => !isWornOut(turn.state, node)
  const found = judge(votes, accepted, job.platforms.proven, isExcused)
  const judgement = job.kind === 'wasm' ? found : spared(found)
  const earnings = earningsOf(turn, unit, accepted, outcome, judgement.banned)
  if (earnings === undefined) {
    giveUp(turn, unit, 'expired')
    closeJob(turn, job, 'starved')
    return
  }
  const verdict: Work = {
    type: 'verdict',
    job: job.id,
    unit: number,
    decided: {
      type: 'accepted',
      outcome,
      agreeing: accepted.agreeing,
      referees: slotsOf(ballots.filter(({ referee }) => referee).map(({ slot }) => slot)),
      struck: slotsOf(judgement.struck),
      banned: slotsOf(judgement.banned),
    },
    receipts: waiting(unit),
  }
  const seq = turn.note([verdict, ...earnings])
  decided(turn, unit, { seq, as: 'accepted', outcome, says: accepted.says })
  learnFrom(turn, unit, votes, accepted, judgement)
}

/** Ends a unit without a result. */
export function giveUp(
  turn: Turn,
  unit: Unit,
  as: 'poisoned' | 'expired' | 'split' | 'cancelled',
): void {
  const { job, number } = unit
  const receipts = waiting(unit)
  const seq = turn.note([
    { type: 'verdict', job: job.id, unit: number, decided: { type: as }, receipts },
  ])
  decided(turn, unit, { seq, as })
}

function waiting({ ballots }: Unit): Signed<Receipt>[] {
  const receipts: Signed<Receipt>[] = []
  for (const { receipt } of ballots) if (receipt !== undefined) receipts.push(receipt)
  return receipts
}

function outcomeOf(unit: Unit, { says }: Accepted): Outcome | undefined {
  if (unit.says === says && unit.outcome !== undefined) return unit.outcome
  return unit.ballots.find((ballot) => ballot.says === says && ballot.outcome !== undefined)
    ?.outcome
}

/** What the winners earn and do not hold yet; nothing if a funded job cannot pay it. */
function earningsOf(
  { state }: Turn,
  { job, number, ballots }: Unit,
  { agreeing }: Accepted,
  outcome: Outcome,
  banned: readonly number[],
): Work[] | undefined {
  const { ledger } = state
  const row = ledger.state.jobs.get(job.id)
  if (row === undefined) throw new Error(`the ledger does not know the job ${job.id}`)
  const { executor, funded } = row
  if (executor.type === 'docker' && funded) return []
  const micro = executor.type === 'wasm' ? earned(outcome.fuel ?? 0, executor) : executor.priceMicro
  const from = funded ? accounts.escrow(job.id) : accounts.mint
  // Who is banned by this verdict wins nothing by it, with whatever other node.
  const seen: OwnerId[] = []
  for (const { slot, owner } of ballots) if (banned.includes(slot)) seen.push(owner)
  const earnings: Work[] = []
  for (const slot of agreeing) {
    const owner = ballots.find((ballot) => ballot.slot === slot)?.owner
    if (owner === undefined || seen.includes(owner) || isBanned(state, owner)) continue
    seen.push(owner)
    const to = accounts.hold(job.id, number, slot)
    if (balanceOf(ledger.state, to) > 0) continue
    earnings.push(transfer({ type: 'earn', job: job.id, unit: number, slot }, from, to, micro))
  }
  // The mint ends where amounts do: what is beyond cannot be paid either.
  const left = balanceOf(ledger.state, from) + (funded ? 0 : limits.microMax)
  return micro * earnings.length > left ? undefined : earnings
}

function slotsOf(slots: readonly number[]): readonly number[] {
  return sortFew([...slots], (a, b) => a - b)
}
