import { newcomersAgreeing } from '@nexapod/specs'
import { erringPlatform, isApart } from './platform.ts'
import { type Accepted, isAnchor, type Vote } from './vote.ts'

/** What the verdict on a unit says about those who voted. */
export interface Judgement {
  /** The slots that win, one of each owner, and whether another vouches for them. */
  readonly passed: readonly { readonly slot: number; readonly vouched: boolean }[]
  /** Slots whose nodes were wrong: a strike each, and their vouched passes begin again. */
  readonly struck: readonly number[]
  /** Slots of losers whose platform may be what errs: that is held against nobody. */
  readonly excused: readonly number[]
  /** Slots whose nodes were wrong together, before a witness of the mesh's own. */
  readonly banned: readonly number[]
  /** Slots whose nodes' votes are void in every unit that is not final: it is verified again. */
  readonly again: readonly number[]
  /** Platforms that gave another result than all others: the job goes on without them. */
  readonly aside: readonly string[]
}

/**
 * What follows from a verdict for its voters. `proven` are the platforms that agreed with others in
 * this job; `isExcused` says who may be excused once more for being on one that did not.
 */
export function judge(
  votes: readonly Vote[],
  { says, audited }: Accepted,
  proven: ReadonlySet<string>,
  isExcused: (loser: Vote) => boolean = () => true,
): Judgement {
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
  const witnessed = audited && winners.some(({ own }) => own)
  const struck: number[] = []
  const excused: number[] = []
  const banned: number[] = []
  const aside = new Set<string>()
  for (const loser of losers) {
    const { slot, owner } = loser
    const alike = votes.filter((vote) => !vote.failed && vote.says === loser.says)
    const others = alike.filter((vote) => vote.owner !== owner)
    const apart = isApart(alike, winners)
    const platform = apart && others.length > 0 ? erringPlatform(alike) : undefined
    // Who is repeated by one that could read the verdict is not to blame for it.
    const shared = others.some(({ round }) => round <= loser.round)
    if (platform !== undefined) aside.add(platform)
    const mayErr = platform !== undefined || (apart && !proven.has(loser.platform))
    if (mayErr && isExcused(loser)) excused.push(slot)
    else if (shared && witnessed && !apart && !loser.own) banned.push(slot)
    else struck.push(slot)
  }
  const again = audited ? losers.map(({ slot }) => slot) : []
  return { passed, struck, excused, banned, again, aside: [...aside] }
}

/**
 * The same where results need not be equal on honest machines: who was wrong together may have been
 * unlucky together. So nobody is banned for it.
 */
export function spared(judgement: Judgement): Judgement {
  return { ...judgement, struck: [...judgement.struck, ...judgement.banned], banned: [] }
}
