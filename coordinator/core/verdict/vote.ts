import { strikesMax } from '@nexapod/ledger'
import { anchorPasses, type NodeId, newcomersAgreeing, type OwnerId } from '@nexapod/specs'
import { fullWeight, weightOf } from './weight.ts'

/** What one execution of a unit came to. */
export interface Vote {
  readonly slot: number
  readonly node: NodeId
  readonly owner: OwnerId
  /** The /24 or /48 that the node came from, as text. */
  readonly network: string
  readonly platform: string
  /** Votes agree that say the same text: a comparison has found out before which do. */
  readonly says: string
  /** Whether the unit failed there, and `says` is how. An abort is no vote. */
  readonly failed: boolean
  /** Vouched passes of the node since it was wrong. */
  readonly vouched: number
  /** Vouched passes on other chains, as far as they are believed: of weight, and for no anchor. */
  readonly elsewhere?: number
  /** Strikes of the node that were not forgiven. */
  readonly strikes: number
  /** Whether the node is one of the mesh's own: its owner is a member of the roster. */
  readonly own: boolean
  /** Whether it was asked for after the unit would have been accepted. */
  readonly referee: boolean
  /** How many verdicts on the unit had been published when it was leased: it may have read them. */
  readonly round: number
  /** A void vote counts for nothing, and is judged; that of a banned node was judged before. */
  readonly standing: 'good' | 'void' | 'banned'
}

/** How a unit is to be decided: what its job asks for, and what the mesh has. */
export interface Terms {
  /** Distinct owners who have to agree: two for science, one where errors are rarer than eps. */
  readonly owners: number
  /** What votes that agree have to differ in. */
  readonly apart: 'owners' | 'networks'
  /** A plain quorum, if the job asks for one. */
  readonly replicas?: { readonly quorum: number; readonly max: number } | undefined
  /** Whether the unit was drawn for an audit. */
  readonly audit: boolean
  /** Whether it was accepted before, and is verified again. */
  readonly again: boolean
  /** Whether nobody has come, in all this time, who has shown enough to judge others. */
  readonly unjudged: boolean
  /** Whether a node is asked only when the one before has answered. */
  readonly inTurn: boolean
  /** Anchors that are there to be asked, the mesh's own nodes among them. */
  readonly anchors: number
  /** Nodes of the mesh's own that are there to be asked. */
  readonly own: number
  /** Owners who have to agree where no anchor can be asked, if not so many as vouch. */
  readonly newcomers?: number | undefined
  /** Platforms of which more owners may be asked. */
  readonly platforms: ReadonlySet<string>
}

/** An execution that a unit wants, and who may have it. */
export interface Wanted {
  readonly from: 'any' | 'anchor' | 'own'
  readonly platform?: string
  readonly referee: boolean
}

/** What is to be done with a unit. */
export type Decision =
  | Accepted
  | { readonly type: 'want'; readonly wanted: readonly Wanted[] }
  | { readonly type: 'split'; readonly platforms: readonly string[] }
  | { readonly type: 'poisoned' }
  | { readonly type: 'expired' }

/** A unit is accepted. */
export interface Accepted {
  readonly type: 'accepted'
  /** What those say who agree. */
  readonly says: string
  /** The slots that agree, ascending, whoever has them: a verdict names them all. */
  readonly agreeing: readonly number[]
  /** Whether a referee is among those that count. */
  readonly audited: boolean
}

/** What is known of a node when its vote is weighed. */
export type Known = Pick<Vote, 'own' | 'vouched' | 'strikes' | 'elsewhere'>

/** Whether agreeing with a node vouches for others. */
export function isAnchor({ own, vouched }: Pick<Known, 'own' | 'vouched'>): boolean {
  return own || vouched >= anchorPasses
}

/**
 * Whether the mesh has anchors enough to leave it to them: one of its own is enough. Of some few
 * others most could be liars, and no unit could be accepted against them.
 */
export function hasAnchors({ anchors, own }: Pick<Terms, 'anchors' | 'own'>): boolean {
  return own > 0 || anchors >= newcomersAgreeing
}

/**
 * The weight of a vote, in milli-nats. The mesh believes its own nodes from the first unit. Who was
 * struck has to show twice as much for each strike, or lying once in a while would pay.
 */
export function weightOfVote({ own, vouched, strikes, elsewhere = 0 }: Known): number {
  if (own) return fullWeight
  const halvings = Math.min(strikes, strikesMax)
  return weightOf(Math.floor(Math.max(vouched, elsewhere) / (1 << halvings)))
}
