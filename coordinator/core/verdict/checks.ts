import { limits } from '@nexapod/specs'
import { anchorOf } from './asked.ts'
import type { Group } from './groups.ts'
import { doubtOf } from './platform.ts'
import type { Decision, Terms, Vote, Wanted } from './vote.ts'

/** What has to be done yet before a group that stands is accepted, if anything. */
export function checkOf(
  top: Group,
  groups: readonly Group[],
  votes: readonly Vote[],
  terms: Terms,
): Decision | undefined {
  const doubt = doubtOf(top, groups, votes, terms)
  if (votes.length >= limits.slotsMax) return doubt && { type: 'expired' }
  if (terms.audit && !top.referee) return wanted({ from: anchorOf(votes, terms), referee: true })
  if (doubt !== undefined) return doubt
  const witness = terms.own > votes.filter(({ own }) => own).length
  const unwitnessed = top.referee && !top.own && witness && isShared(top, votes)
  return unwitnessed ? wanted({ from: 'own', referee: true }) : undefined
}

function wanted(one: Wanted): Decision {
  return { type: 'want', wanted: [one] }
}

/** Whether two owners are about to lose with one and the same result: a ban takes a witness. */
function isShared(top: Group, votes: readonly Vote[]): boolean {
  return votes.some((vote) => {
    if (vote.failed || vote.standing === 'banned' || vote.says === top.says) return false
    return votes.some((other) => other.says === vote.says && other.owner !== vote.owner)
  })
}
