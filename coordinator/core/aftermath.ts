import { type Fact, type Outcome, type OwnerId, refusalOf } from '@nexapod/specs'
import type { Unit } from './book.ts'
import { noteVerdicted } from './covered.ts'
import { doubtNode, doubtPlatform } from './doubt.ts'
import { noteExcuse } from './excuses.ts'
import { cancelLease } from './leases.ts'
import { reserve } from './reserve.ts'
import { outcomeRow, receiptRow } from './row.ts'
import { leave } from './sessions.ts'
import { executionOf } from './state.ts'
import type { Turn } from './turn.ts'
import { platformsAfter } from './verdict/job-platforms.ts'
import type { Judgement } from './verdict/judge.ts'
import type { Accepted, Vote } from './verdict/vote.ts'

/** How a unit was decided, and in which entry. */
export interface Verdict {
  readonly seq: number
  readonly as: (Fact & { readonly type: 'verdict' })['decided']['type']
  readonly outcome?: Outcome
  readonly says?: string
}

/** A verdict is written: its unit waits for nobody any more, until it is opened again. */
export function decided(turn: Turn, unit: Unit, { seq, as, outcome, says }: Verdict): void {
  const { state, at, time } = turn
  const { job, number } = unit
  unit.stage = 'decided'
  reserve(state, unit)
  unit.decidedAt = time
  unit.seq = seq
  unit.outcome = outcome
  unit.says = says
  unit.waitsSince = undefined
  if (outcome !== undefined) unit.rounds++
  if (state.sinceBan !== undefined) state.sinceBan++
  turn.keep(outcomeRow(job.id, number), outcome && { type: 'outcome', outcome })
  if (unit.leases.size > 0) for (const live of [...unit.leases]) cancelLease(turn, live)
  state.queue.need(job.id, number, [], [], at)
  const use = state.uses.get(job.job.publisher)
  if (use !== undefined) use.units--
  for (const ballot of unit.ballots) {
    if (ballot.receipt === undefined) continue
    ballot.receipt = undefined
    turn.keep(receiptRow(job.id, number, ballot.slot))
    noteVerdicted(state, { seq, node: ballot.node, execution: executionOf(unit, ballot) })
  }
  for (const { node, execution } of unit.late) noteVerdicted(state, { seq, node, execution })
  unit.late.length = 0
  // What was accepted is remembered once, and not for each who said it.
  for (const ballot of unit.ballots) if (ballot.says === says) ballot.outcome = undefined
  const row = state.ledger.state.units.get(job.id, number)
  if (outcome === undefined || row === undefined) state.clearing.add(unit)
  else state.settling.push({ unit, at: time })
  state.ending.add(job)
  turn.tell({ type: 'decided', job: job.id, unit: number, as })
}

/** What an accepted unit says about those who voted on it. */
export function learnFrom(
  turn: Turn,
  unit: Unit,
  votes: readonly Vote[],
  accepted: Accepted,
  judgement: Judgement,
): void {
  const { state } = turn
  const { job } = unit
  const of = (slot: number) => votes.find((vote) => vote.slot === slot) as Vote
  if (accepted.audited) {
    const counts = state.measured[job.kind]
    counts.audited++
    if (judgement.again.length > 0) counts.wrong++
  }
  for (const slot of judgement.struck) turn.tell({ type: 'struck', node: of(slot).node })
  for (const slot of judgement.excused) noteExcuse(state, job, of(slot).node)
  for (const slot of judgement.again) doubtNode(state, of(slot).node)
  for (const slot of judgement.banned) {
    shun(turn, of(slot).network)
    ban(turn, of(slot).owner)
  }
  const before = job.platforms
  job.platforms = platformsAfter(before, votes, judgement)
  for (const platform of job.platforms.aside) {
    if (!before.aside.has(platform)) doubtPlatform(turn, job, platform)
  }
  for (const { node } of votes) {
    state.changed.add(node)
  }
}

/** Nobody new may come from a network for a while, where networks are told apart. */
function shun({ state, at }: Turn, network: string): void {
  const { apart, settleMs } = state.ledger.chain.tip?.governance.rates ?? {}
  if (apart === 'networks' && settleMs !== undefined) state.shunned.set(network, at + settleMs)
}

/** An owner is banned: its nodes leave, and all that they helped to win is looked at again. */
function ban(turn: Turn, owner: OwnerId): void {
  const { state } = turn
  state.sinceBan = 0
  turn.tell({ type: 'banned', owner })
  for (const node of [...state.nodes.values()]) {
    if (node.owner !== owner) continue
    shun(turn, node.network)
    leave(turn, node, refusalOf('node.banned'))
  }
  for (const units of state.voted.values()) {
    for (const unit of units) {
      const helped = unit.ballots.some((ballot) => {
        return ballot.owner === owner && (unit.stage === 'open' || ballot.says === unit.says)
      })
      if (helped) state.toRule.add(unit)
    }
  }
  for (const [node, bonds] of state.bonds) {
    if ([...bonds.values()].some((bond) => bond.owner === owner)) state.changed.add(node)
  }
}
