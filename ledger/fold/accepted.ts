import { type Fact, newcomersAgreeing, type OwnerId, type ResultId } from '@nexapod/specs'
import { type Executor, isAnchor, isOfMember, reputationOf } from './anchors.ts'
import type { Learning } from './learning.ts'
import { passed, struck } from './reputation.ts'
import { must } from './rule.ts'
import type { JobRow, Reputation, Vote } from './state.ts'

/** What an accepted unit says: its outcome, and of which slots what follows. */
export type Accepted = (Fact & { readonly type: 'verdict' })['decided'] & {
  readonly type: 'accepted'
}

/** The votes of a unit after it was accepted with a result: who wins, passes, is struck, banned. */
export function judged(
  learning: Learning,
  { exact, executor: { type: executor } }: JobRow,
  accepted: Accepted,
  result: ResultId,
  votes: readonly Vote[],
): Vote[] {
  const { agreeing, referees, struck: wrong, banned } = accepted
  for (const slot of [...agreeing, ...referees, ...wrong, ...banned]) {
    must(
      votes.some((vote) => vote.slot === slot),
      'who is named has a receipt',
    )
  }
  checkAgreeing(exact, agreeing, result, votes)
  must(!wrong.some((slot) => agreeing.includes(slot)), 'who agrees is not struck')
  ban(learning, exact, accepted, votes)
  const winners = winnersOf(learning, agreeing, votes)
  const decided = votes.map((vote) => ({
    ...vote,
    referee: vote.referee || referees.includes(vote.slot),
    wins: winners.includes(vote),
  }))
  if (banned.length > 0) checkWitnessed(learning, agreeing, decided)
  return counted(learning, executor, decided, [...wrong, ...banned])
}

/** Equal results agree; others only where the job has another comparison than by bytes. */
function checkAgreeing(
  exact: boolean,
  agreeing: readonly number[],
  result: ResultId,
  votes: readonly Vote[],
): void {
  for (const vote of votes) {
    const equal = vote.result === result
    const agrees = agreeing.includes(vote.slot)
    must(agrees ? equal || !exact : !equal, 'who agrees is whom the comparison takes')
  }
  const shown = votes.some((vote) => vote.result === result)
  must(shown, 'an outcome is that of a receipt')
}

/** Bans the owners of those who were wrong together. */
function ban(
  learning: Learning,
  exact: boolean,
  { agreeing, struck: wrong, banned }: Accepted,
  votes: readonly Vote[],
): void {
  const { state, entry } = learning
  for (const { slot, owner, result } of votes) {
    if (!banned.includes(slot)) continue
    must(!agreeing.includes(slot), 'who agrees is not banned')
    must(!wrong.includes(slot), 'who is banned is struck by that')
    must(!isOfMember(learning, owner), 'a member of the roster is not banned')
    const shared = votes.some((one) => one.owner !== owner && one.result === result)
    must(shared || !exact, 'who is banned was wrong with another')
    if (state.bans.get(owner) === undefined) state.bans.set(owner, { at: entry.time })
  }
}

/** Nobody is banned but where a referee and a node of the mesh's own have looked. */
function checkWitnessed(
  learning: Learning,
  agreeing: readonly number[],
  votes: readonly Vote[],
): void {
  const refereed = votes.some(({ slot, referee }) => referee && agreeing.includes(slot))
  must(refereed, 'who is banned contradicts a referee')
  const witnessed = votes.some(({ wins, owner }) => wins && isOfMember(learning, owner))
  must(witnessed, 'who is banned contradicts a member of the roster')
}

/** Of those who agree, the first of each owner: one owner cannot vote twice, nor who is banned. */
function winnersOf(
  { state }: Learning,
  agreeing: readonly number[],
  votes: readonly Vote[],
): Vote[] {
  const owners = new Set<OwnerId>()
  const winners = votes.filter(({ slot, owner }) => {
    if (!agreeing.includes(slot) || owners.has(owner)) return false
    owners.add(owner)
    return state.bans.get(owner) === undefined
  })
  must(winners.length > 0, 'an accepted unit has a winner')
  return winners
}

/** Counts a pass of each winner, and a strike of each that was wrong, once in a unit. */
function counted(
  learning: Learning,
  executor: Executor,
  votes: readonly Vote[],
  wrong: readonly number[],
): Vote[] {
  const { state } = learning
  const change = ({ node }: Vote, to: (was: Reputation) => Reputation) => {
    state.reputations.set(node, executor, to(reputationOf(state, node, executor)))
  }
  const winners = votes.filter(({ wins }) => wins)
  const anchors = winners.filter((winner) => isAnchor(learning, winner, executor))
  const many = winners.length >= newcomersAgreeing
  for (const winner of winners) {
    if (winner.passed) continue
    const vouched = many || anchors.some(({ node }) => node !== winner.node)
    change(winner, (was) => passed(was, vouched))
  }
  const strikes = votes.filter((vote) => wrong.includes(vote.slot))
  for (const vote of strikes) if (!vote.struck) change(vote, struck)
  return votes.map((vote) => ({
    ...vote,
    passed: vote.passed || vote.wins,
    struck: vote.struck || strikes.includes(vote),
  }))
}
