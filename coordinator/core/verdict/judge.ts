import { erringPlatform, isApart } from './platform.ts'
import { type Accepted, isAnchor, newcomersAgreeing, type Vote } from './vote.ts'

/** What the verdict on a unit says about those who voted. */
export interface Judgement {
  /** The slots that win, one of each owner, and whether another vouches for them. */
  readonly passed: readonly { readonly slot: number; readonly vouched: boolean }[]
  /** Slots whose nodes were wrong: a strike each, and their vouched passes begin again. */
  readonly struck: readonly number[]
  /** Slots whose nodes were wrong together, before a witness of the mesh's own. */
  readonly banned: readonly number[]
  /** Slots whose nodes' votes are void in every unit that is not final: it is verified again. */
  readonly again: readonly number[]
  /** Platforms that gave another result than all others: the job goes on without them. */
  readonly aside: readonly string[]
}

/** What follows from a verdict for its voters. */
export function judge(votes: readonly Vote[], { says, audited }: Accepted): Judgement {
  const winners: Vote[] = []
  const losers: Vote[] = []
  for (const vote of votes) {
    if (vote.failed || vote.standing === 'banned') continue
    if (vote.says !== says) losers.push(vote)
    else if (!winners.some(({ owner }) => owner === vote.owner)) winners.push(vote)
  }
  const anchors = winners.filter(isAnchor).length
  const passed = winners.map((vote) => ({
    slot: vote.slot,
    vouched: anchors > (isAnchor(vote) ? 1 : 0) || winners.length >= newcomersAgreeing,
  }))
  if (losers.length === 0) return { passed, struck: [], banned: [], again: [], aside: [] }
  const witnessed = audited && winners.some(({ own }) => own)
  const struck: number[] = []
  const banned: number[] = []
  const aside = new Set<string>()
  for (const loser of losers) {
    const alike = votes.filter((vote) => !vote.failed && vote.says === loser.says)
    const others = alike.filter(({ owner }) => owner !== loser.owner)
    const platform = erringPlatform(alike)
    const apart = isApart(alike, winners)
    // Who is repeated by one that could read the verdict is not to blame for it.
    const shared = others.some(({ round }) => round <= loser.round)
    if (apart && platform !== undefined && others.length > 0) aside.add(platform)
    else if (shared && witnessed && !apart && !loser.own) banned.push(loser.slot)
    else struck.push(loser.slot)
  }
  const again = audited ? losers.map(({ slot }) => slot) : []
  return { passed, struck, banned, again, aside: [...aside] }
}
