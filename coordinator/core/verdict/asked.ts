import { sortFew } from '../few.ts'
import type { Group } from './groups.ts'
import { hasAnchors, isAnchor, type Terms, type Vote, type Wanted } from './vote.ts'
import { bar, fullWeight } from './weight.ts'

/**
 * As many as are needed if all of them agree and have the full weight: never one too many.
 * Anybody may fill the number of owners beside an anchor; what is in doubt, anchors resolve.
 */
export function wantedFor(
  groups: readonly Group[],
  lead: number,
  votes: readonly Vote[],
  terms: Terms,
): Wanted[] {
  const [top] = groups
  const agreeing = top?.votes.length ?? 0
  const referee = terms.again || groups.some((group) => group.referee)
  const many = Math.max(1, terms.owners - agreeing, Math.ceil((bar - lead) / fullWeight))
  const calm = groups.length <= 1 && !referee
  const wanted: Wanted[] = []
  for (let i = 0; i < many; i++) {
    const anchored = terms.owners === 1 || i > 0 || (top?.anchors ?? 0) > 0
    const anybody = calm && anchored && agreeing + i < terms.owners
    wanted.push({ from: anybody ? 'any' : anchorOf(votes, terms), referee })
  }
  return wanted
}

/** An anchor, as long as there is one that has not been asked. */
export function anchorOf(votes: readonly Vote[], terms: Terms): 'anchor' | 'any' {
  const left = terms.anchors - votes.filter(isAnchor).length
  return hasAnchors(terms) && left > 0 ? 'anchor' : 'any'
}

/** What is wanted and not asked for yet, if these are the nodes that have been asked. */
export function unasked(
  wanted: readonly Wanted[],
  asked: readonly Pick<Vote, 'own' | 'vouched' | 'platform'>[],
): Wanted[] {
  if (asked.length === 0 && wanted.length < 2) return [...wanted]
  // Who is hardest to find takes first, so that nobody else takes his place.
  const hardestFirst = sortFew([...wanted], (a, b) => hardness(b) - hardness(a))
  let left: readonly Pick<Vote, 'own' | 'vouched' | 'platform'>[] = asked
  const open: Wanted[] = []
  for (const one of hardestFirst) {
    const place = left.findLastIndex((node) => suits(one, node))
    if (place < 0) open.push(one)
    else left = left.toSpliced(place, 1)
  }
  return open
}

/** Whether a node may have an execution that is wanted, as far as it depends on what it is. */
export function suits(
  { from, platform }: Wanted,
  node: Pick<Vote, 'own' | 'vouched' | 'platform'>,
): boolean {
  if (platform !== undefined && platform !== node.platform) return false
  return from === 'any' || (from === 'anchor' ? isAnchor(node) : node.own)
}

const hardnesses = { any: 0, anchor: 1, own: 2 }

function hardness({ from, platform }: Wanted): number {
  return hardnesses[from] + (platform === undefined ? 0 : 1)
}
