import type { NodeId, OwnerId, RowOf } from '../../specs/index.ts'
import type { Book, Governance, Vote } from './book.ts'

/** What runs a job, as far as it counts for a reputation. */
export type Kind = 'wasm' | 'docker'

/** Whether an owner is a member: fact.md. */
export function isMember({ members }: Governance, owner: OwnerId): boolean {
  return members.some((member) => (member as string) === owner)
}

/** Whether a node is an anchor, where it stands with an owner: state.md, anchors. */
export function isAnchor(
  { reputations }: Book,
  governance: Governance,
  { node, owner }: { readonly node: NodeId; readonly owner: OwnerId },
  kind: Kind,
): boolean {
  const vouched = reputations.get(`${node}/${kind}`)?.vouched ?? 0
  return vouched >= 100 || isMember(governance, owner)
}

/** Counts a verdict, and gives the votes with what they are after it: state.md, reputation. */
export function countVotes(
  book: Book,
  governance: Governance,
  kind: Kind,
  votes: readonly Vote[],
  wrong: readonly number[],
): Vote[] {
  const winning = votes.filter((vote) => vote.wins)
  const anchors = winning.filter((vote) => isAnchor(book, governance, vote, kind))
  for (const { node, passed } of winning) {
    if (passed) continue
    const byOther = anchors.some((anchor) => anchor.node !== node)
    change(book, node, kind, byOther || winning.length >= 7 ? vouchedPass : pass)
  }
  const struck = votes.filter(({ slot }) => wrong.includes(slot))
  for (const vote of struck) if (!vote.struck) change(book, vote.node, kind, strike)
  return votes.map((vote) => {
    const { passed, wins } = vote
    return { ...vote, passed: passed || wins, struck: vote.struck || struck.includes(vote) }
  })
}

type Reputation = RowOf<'reputation'>

function change(
  { reputations }: Book,
  node: NodeId,
  kind: Kind,
  how: (was: Reputation) => Reputation,
): void {
  const key = `${node}/${kind}`
  reputations.set(key, how(reputations.get(key) ?? { vouched: 0, passes: 0, strikes: 0 }))
}

function pass(was: Reputation): Reputation {
  return { ...was, passes: was.passes + 1 }
}

function vouchedPass(was: Reputation): Reputation {
  const vouched = was.vouched + 1
  const forgiven = vouched % 2000 === 0 && was.strikes > 0 ? 1 : 0
  return { vouched, passes: was.passes + 1, strikes: was.strikes - forgiven }
}

function strike(was: Reputation): Reputation {
  return { ...was, vouched: 0, strikes: was.strikes + 1 }
}
