import { sortFew } from '../few.ts'
import { isAnchor, type Terms, type Vote, weightOfVote } from './vote.ts'

/** Votes that agree and count, and what they come to together. */
export interface Group {
  readonly says: string
  readonly votes: Vote[]
  weight: number
  anchors: number
  own: boolean
  referee: boolean
}

/** The votes that count, by what they say: the heaviest group first. */
export function groupsOf(votes: readonly Vote[], failed: boolean, apart: Terms['apart']): Group[] {
  const groups: Group[] = []
  for (const vote of votes) {
    if (vote.failed !== failed || vote.standing !== 'good') continue
    let group = groups.find((one) => one.says === vote.says)
    if (group === undefined) {
      group = { says: vote.says, votes: [], weight: 0, anchors: 0, own: false, referee: false }
      groups.push(group)
    }
    join(group, vote, apart)
  }
  return sortFew(groups, (a, b) => b.weight - a.weight)
}

/** An owner counts once in a group, and so does a network where they have to differ. */
function join(group: Group, vote: Vote, apart: Terms['apart']): void {
  for (const other of group.votes) {
    if (other.owner === vote.owner) return
    if (apart === 'networks' && other.network === vote.network) return
  }
  group.votes.push(vote)
  group.weight += weightOfVote(vote)
  if (isAnchor(vote)) group.anchors++
  group.own ||= vote.own
  group.referee ||= vote.referee
}
