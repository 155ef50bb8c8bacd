import { type Fact, newcomersAgreeing, type ResultId } from '@nexapod/specs'
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
  for (const slots of [agreeing, referees, wrong, banned]) checkNamed(slots, votes)
  checkAgreeing(exact, agreeing, result, votes)
  must(!wrong.some((slot) => agreeing.includes(slot)), 'who agrees is not struck')
  if (banned.length > 0) ban(learning, exact, accepted, votes)
  const winners = winnersOf(learning, agreeing, votes)
  if (banned.length > 0) checkWitnessed(learning, accepted, winners, votes)
  pass(learning, executor, winners)
  for (const vote of votes) {
    if (isWrong(accepted, vote) && !vote.struck) count(learning, executor, vote, struck)
  }
  return votes.map((vote) => {
    const { slot, epoch, fence, node, owner, result } = vote
    const wins = winners.includes(vote)
    return {
      ...{ slot, epoch, fence, node, owner, result, wins },
      referee: vote.referee || referees.includes(slot),
      passed: vote.passed || wins,
      struck: vote.struck || isWrong(accepted, vote),
    }
  })
}

function checkNamed(slots: readonly number[], votes: readonly Vote[]): void {
  for (const slot of slots) {
    must(
      votes.some((vote) => vote.slot === slot),
      'who is named has a receipt',
    )
  }
}

function isWrong({ struck: wrong, banned }: Accepted, { slot }: Vote): boolean {
  return wrong.includes(slot) || banned.includes(slot)
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
  { agreeing, referees }: Accepted,
  winners: readonly Vote[],
  votes: readonly Vote[],
): void {
  const refereed = votes.some(({ slot, referee }) => {
    return (referee || referees.includes(slot)) && agreeing.includes(slot)
  })
  must(refereed, 'who is banned contradicts a referee')
  const witnessed = winners.some(({ owner }) => isOfMember(learning, owner))
  must(witnessed, 'who is banned contradicts a member of the roster')
}

/** Of those who agree, the first of each owner: one owner cannot vote twice, nor who is banned. */
function winnersOf(
  { state }: Learning,
  agreeing: readonly number[],
  votes: readonly Vote[],
): Vote[] {
  const first: Vote[] = []
  for (const vote of votes) {
    if (!agreeing.includes(vote.slot)) continue
    if (!first.some(({ owner }) => owner === vote.owner)) first.push(vote)
  }
  const winners = first.filter(({ owner }) => state.bans.get(owner) === undefined)
  must(winners.length > 0, 'an accepted unit has a winner')
  return winners
}

/** Counts a pass of each winner, once in a unit. */
function pass(learning: Learning, executor: Executor, winners: readonly Vote[]): void {
  const anchors = winners.filter((winner) => isAnchor(learning, winner, executor))
  const many = winners.length >= newcomersAgreeing
  for (const winner of winners) {
    if (winner.passed) continue
    const vouched = many || anchors.some(({ node }) => node !== winner.node)
    count(learning, executor, winner, (was) => passed(was, vouched))
  }
}

function count(
  { state }: Learning,
  executor: Executor,
  { node }: Vote,
  to: (was: Reputation) => Reputation,
): void {
  state.reputations.set(node, executor, to(reputationOf(state, node, executor)))
}
