import type { Electorate } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  type Ballot,
  type ChainId,
  type CoordinatorId,
  type Cut,
  limits,
  type Place,
  type Pledge,
  refuse,
  sha256,
  toHex,
} from '@nexapod/specs'

/** A member of the roster, and what it has promised and seen. */
export interface Told {
  readonly member: CoordinatorId
  readonly pledge: Pledge | undefined
  /** The last history that it has found true; none if it has no copy. */
  readonly stand: Stand | undefined
}

/** A history, and how much of it is known to have been cosigned. */
interface Stand extends Place {
  /** By a quorum: its cosignatures are shown. */
  readonly firm: number
  /** By the member that says so. */
  readonly cosigned: number
}

/** How many are of the roster, and how many of them are a quorum. */
export interface Votes {
  readonly members: number
  readonly quorum: number
}

/** Below every ballot that there is. */
const beforeAll: Ballot = { number: 0, by: '' as CoordinatorId }

/** Below 0 if the first is the lower ballot. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.number !== b.number) return a.number - b.number
  return a.by === b.by ? 0 : a.by < b.by ? -1 : 1
}

/** Whether two cuts are one. */
export function isSameCut(a: Cut, b: Cut): boolean {
  return a.size === b.size && a.head === b.head && a.successor === b.successor
}

/**
 * What a member holds to once it was asked to help: the ballot, if no higher one was before; or one
 * that is a step towards it, so that nobody can make it promise the last ballot that there is.
 */
export function promised(pledge: Pledge | undefined, ballot: Ballot): Pledge {
  if (pledge !== undefined && compareBallots(ballot, pledge.ballot) <= 0) return pledge
  const number = Math.min(ballot.number, (pledge?.ballot.number ?? 0) + limits.ballotStepMax)
  return { ...pledge, ballot: { ...ballot, number } }
}

/**
 * What a member holds to once it was asked to take a cut. `seen` is the size that it has cosigned
 * in this epoch, or 0; `isVoid` whether no quorum can have cosigned beyond the cut.
 */
export function taken(
  pledge: Pledge | undefined,
  { ballot, cut }: { readonly ballot: Ballot; readonly cut: Cut },
  { seen, isVoid }: { readonly seen: number; readonly isVoid: boolean },
): Answer<Pledge> {
  const before = promised(pledge, ballot)
  if (compareBallots(ballot, before.ballot) !== 0) return accept(before)
  const { took } = before
  // Who proposes may have forgotten that it used this ballot: it is good for one cut.
  if (took && compareBallots(took.ballot, ballot) === 0) return accept(before)
  if (cut.size < seen && !isVoid) {
    return refuse('chain.checkpoint', {
      detail: `${seen} entries were cosigned, ${cut.size} count`,
    })
  }
  const sizes = [...new Set([...(before.bounds ?? []), cut.size])].sort((a, b) => a - b)
  const bounds = sizes.slice(0, limits.cutsMax)
  // What is not kept one by one holds all the others until a quorum is beyond it.
  const until = Math.max(before.until ?? 0, ...sizes.slice(limits.cutsMax))
  return accept({ ...before, took: { ballot, cut }, bounds, ...(until > 0 && { until }) })
}

/** Beyond what a member cosigns nothing, since it took a cut there; none if it took none. */
export function boundOf(pledge: Pledge | undefined): number | undefined {
  const sizes = [...(pledge?.bounds ?? []), ...(pledge?.took ? [pledge.took.cut.size] : [])]
  return sizes.length === 0 ? undefined : Math.min(...sizes)
}

/** Whether a member may sign a seal of this cut, and put no other name to the end of its epoch. */
export function maySign(
  pledge: Pledge | undefined,
  { ballot, cut }: { readonly ballot: Ballot; readonly cut: Cut },
  signed: Cut | undefined,
): boolean {
  if (signed !== undefined) return isSameCut(signed, cut)
  const took = pledge?.took
  return took !== undefined && compareBallots(took.ballot, ballot) === 0 && isSameCut(took.cut, cut)
}

/** Whether a member may cosign this size of an epoch whose end it has promised something about. */
export function mayCosign(pledge: Pledge | undefined, size: number): boolean {
  return size <= (boundOf(pledge) ?? size)
}

/**
 * What a member holds to once a checkpoint of its epoch was cosigned by a quorum at this size. A
 * cut below that can have no quorum any more, and the member may cosign as far as the next one that
 * it took.
 */
export function released(pledge: Pledge, cosigned: number): Pledge {
  const { ballot, took, bounds = [], until = 0 } = pledge
  if (until >= cosigned) return pledge
  const left = bounds.filter((size) => size >= cosigned)
  return {
    ballot,
    ...(took !== undefined && took.cut.size >= cosigned && { took }),
    ...(left.length > 0 && { bounds: left }),
  }
}

/** Whether so many members have taken a cut that those who are left are no quorum. */
export function isOver(
  pledges: readonly (Pledge | undefined)[],
  { members, quorum }: Votes,
): boolean {
  const bound = pledges.filter((pledge) => boundOf(pledge) !== undefined)
  return members - bound.length < quorum
}

/**
 * Whether no quorum can have cosigned beyond this size, nor ever will: so many took a cut of one
 * size up to here that those who are left are no quorum, though one of them lies. Each has cosigned
 * nothing beyond, or had the same proof, and is not free before a quorum has. Of several sizes it
 * would be no proof: a quorum beyond the least may free one of them, far below the others. Where a
 * quorum needs all voters nothing is to be proven: one ballot later all of them agree.
 */
export function isVoid(
  pledges: readonly (Pledge | undefined)[],
  { members, quorum }: Votes,
  size: number,
): boolean {
  if (members - 1 <= quorum) return false
  const bounds = pledges.flatMap((pledge) => [...new Set(pledge?.bounds ?? [])])
  return bounds.some((at) => {
    const honest = bounds.filter((other) => other === at).length - 1
    return at <= size && members - honest < quorum
  })
}

/** Of whom is asked what to cut, and what is known of the epoch. */
export interface Choosing {
  /** Who governs at the sizes that were told: a cut is decided about by the roster that it has. */
  electorateAt(size: number): Electorate
  /** Is not asked. */
  readonly writer: CoordinatorId
  readonly isForked: boolean
}

/**
 * The cut that is to be proposed, once a quorum of its roster has promised; the writer of the epoch
 * is not asked. Where a quorum may have taken one before, it is that one. Else it is the longest
 * history that one of them has found true, since a quorum may have cosigned it; of a chain that was
 * forked, that of which most was cosigned.
 */
export function chosen(
  told: readonly Told[],
  { electorateAt, writer, isForked }: Choosing,
  successor: CoordinatorId,
): Cut | undefined {
  const asked = new Map(told.map((one) => [one.member, one]))
  const votersOf = ({ members }: Electorate) => {
    return members.map(({ coordinator }) => coordinator).filter((key) => key !== writer)
  }
  const stands = [...asked.values()].flatMap(({ stand }) => stand ?? [])
  const took = [...asked.values()].flatMap(({ pledge }) => pledge?.took ?? [])
  // One below what a quorum has cosigned has none, and nobody is kept busy by who lies about it.
  const firm = isForked ? 0 : Math.max(0, ...stands.map((stand) => stand.firm))
  const possible = took.filter(({ cut }) => {
    if (cut.size < firm) return false
    const electorate = electorateAt(cut.size)
    const mayHave = votersOf(electorate).filter((key) => {
      const pledge = asked.get(key)?.pledge
      return !asked.has(key) || (pledge?.took && isSameCut(pledge.took.cut, cut))
    })
    return mayHave.length >= electorate.quorum
  })
  const [last] = possible.sort((a, b) => compareBallots(b.ballot, a.ballot))
  const [best] = stands.sort(isForked ? byCosigned : bySize)
  const cut = last?.cut ?? (best && { size: best.size, head: best.head, successor })
  if (cut === undefined) return undefined
  const electorate = electorateAt(cut.size)
  const promised = votersOf(electorate).filter((key) => asked.has(key))
  return promised.length >= electorate.quorum ? cut : undefined
}

/** Of one history, the longest has all that a quorum may have cosigned. */
function bySize(a: Stand, b: Stand): number {
  return b.size - a.size
}

/** Of several, that of which more was cosigned; two members that have the same choose the same. */
function byCosigned(a: Stand, b: Stand): number {
  const difference = b.firm - a.firm || b.cosigned - a.cosigned || b.size - a.size
  return difference === 0 ? (a.head < b.head ? -1 : 1) : difference
}

/**
 * What holds for a member that knows of no promise of its own about an epoch: it may have lost its
 * disk, and whoever was asked with it has promised as much. It needs to hear so many others that
 * one of them was of each quorum that it can have been of.
 */
export function recalled(
  others: readonly (Pledge | undefined)[],
  { members, quorum }: Votes,
): Answer<Pledge | undefined> {
  if (others.length <= members - 1 - quorum) {
    return refuse('ledger.unasked', { detail: `${others.length} others say what they promised` })
  }
  const known = others.flatMap((pledge) => pledge ?? [])
  const [first] = known.toSorted((a, b) => compareBallots(b.ballot, a.ballot))
  const took = known.flatMap((pledge) => pledge.took ?? [])
  const [last] = took.sort((a, b) => compareBallots(b.ballot, a.ballot))
  return accept(first && promised({ ballot: beforeAll, ...(last && { took: last }) }, first.ballot))
}

/** Members in the order in which they should go on with a chain: it differs with each epoch. */
export function heirs(
  chain: ChainId,
  epoch: number,
  members: readonly CoordinatorId[],
): CoordinatorId[] {
  const text = new TextEncoder()
  const drawn = members.map((member) => {
    return { member, draw: toHex(sha256(text.encode(`${chain}/${epoch}/${member}`))) }
  })
  return drawn.sort((a, b) => (a.draw < b.draw ? -1 : 1)).map(({ member }) => member)
}
