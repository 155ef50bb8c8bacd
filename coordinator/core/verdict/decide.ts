import { limits, newcomersAgreeing } from '@nexapod/specs'
import { sortFew } from '../few.ts'
import { anchorOf, wantedFor } from './asked.ts'
import { checkOf } from './checks.ts'
import { type Group, groupsOf } from './groups.ts'
import { type Decision, hasAnchors, type Terms, type Vote, type Wanted } from './vote.ts'
import { bar } from './weight.ts'

/** Owners on whom a unit has to fail alike to be poisoned. */
const failingAlike = 3

/** What the votes on a unit come to: it is accepted, wants more of them, or is dead. */
export function decide(votes: readonly Vote[], terms: Terms): Decision {
  const groups = groupsOf(votes, false, terms.apart)
  const plain = isPlain(groups, terms)
  if (plain) sortFew(groups, byOwners)
  const [top] = groups
  const failing = failingIn(votes, terms)
  if (failing !== undefined && isPoison(failing, top, terms)) return { type: 'poisoned' }
  if (top !== undefined && isCrowd(top, terms)) return { type: 'expired' }
  if (top !== undefined && stands(top, groups, terms, plain)) {
    return checkOf(top, groups, votes, terms) ?? acceptedOf(top, votes)
  }
  const left = maxOf(groups, terms, plain) - votes.length
  if (left <= 0) return { type: 'expired' }
  if (failing !== undefined && top === undefined) {
    return { type: 'want', wanted: [{ from: anchorOf(votes, terms), referee: terms.again }] }
  }
  const wanted = plain ? plainWanted(top, terms) : wantedFor(groups, leadOf(groups), votes, terms)
  const many = terms.inTurn || terms.again ? 1 : left
  return { type: 'want', wanted: wanted.length <= many ? wanted : wanted.slice(0, many) }
}

/**
 * Whether equal results are just counted. Once a referee contradicts, or a unit is verified again,
 * people are judged by it: then what they have shown decides, whatever the job asked for. Where
 * nobody has shown anything, and nobody came who has, the quorum is all that there is.
 */
function isPlain(groups: readonly Group[], { replicas, again, unjudged }: Terms): boolean {
  if (replicas === undefined || again) return false
  if (groups.length < 2 || unjudged) return true
  const [most] = groups.toSorted(byOwners)
  return groups.every((group) => group === most || !group.referee)
}

function byOwners(a: Group, b: Group): number {
  return b.votes.length - a.votes.length
}

/** Those on whom a unit failed alike, once they are two owners: a third decides. */
function failingIn(votes: readonly Vote[], { apart }: Terms): Group | undefined {
  if (votes.every(({ failed }) => !failed)) return undefined
  const failures = groupsOf(votes, true, apart)
  return failures.find((group) => group.votes.length >= failingAlike - 1)
}

/** Whether a unit fails for all; somebody may claim a result whom those who fail far outweigh. */
function isPoison(failing: Group, top: Group | undefined, terms: Terms): boolean {
  if (failing.votes.length < failingAlike) return false
  if (failing.anchors === 0 && hasAnchors(terms)) return false
  return top === undefined || failing.weight - top.weight >= bar
}

/** Whether strangers who decide alone are so many that they would vouch for each other. */
function isCrowd({ anchors, votes }: Group, { newcomers }: Terms): boolean {
  return newcomers !== undefined && anchors === 0 && votes.length >= newcomersAgreeing
}

/** Whether a group is to be accepted if nobody looks at it again. */
function stands(top: Group, groups: readonly Group[], terms: Terms, plain: boolean): boolean {
  const agreeing = top.votes.length
  if (plain) return agreeing >= (terms.replicas?.quorum ?? 0)
  if (agreeing < terms.owners) return false
  if (!hasAnchors(terms)) return agreeing >= (terms.newcomers ?? newcomersAgreeing)
  return top.anchors > 0 && leadOf(groups) >= bar
}

function leadOf(groups: readonly Group[]): number {
  let lead = 0
  let sign = 1
  for (const { weight } of groups) {
    lead += sign * weight
    sign = -1
  }
  return lead
}

function acceptedOf({ says, referee }: Group, votes: readonly Vote[]): Decision {
  const agree = votes.filter((vote) => !vote.failed && vote.says === says)
  const agreeing = sortFew(
    agree.map(({ slot }) => slot),
    (a, b) => a - b,
  )
  return { type: 'accepted', says, agreeing, audited: referee }
}

/** Executions that a unit may have: some to be accepted, and as many again to be checked. */
function maxOf(groups: readonly Group[], terms: Terms, plain: boolean): number {
  if (terms.again || groups.some(({ referee }) => referee)) return limits.slotsMax
  return plain ? (terms.replicas?.max ?? 0) : limits.attemptsMax
}

function plainWanted(top: Group | undefined, { replicas }: Terms): Wanted[] {
  const many = (replicas?.quorum ?? 0) - (top?.votes.length ?? 0)
  return Array.from({ length: many }, () => ({ from: 'any', referee: false }))
}
