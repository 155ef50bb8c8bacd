import { anchorPasses, type CoordinatorId, type NodeId, type OwnerId } from '@nexapod/specs'
import { isMember } from '../chain/governance.ts'
import type { Learning } from './learning.ts'
import { newcomer } from './reputation.ts'
import type { JobRow, Reputation, State } from './state.ts'

/** What a job runs on: a node shows itself for each alone. */
export type Executor = JobRow['executor']['type']

/** A node, and whose it was when it mattered. */
export interface Owned {
  readonly node: NodeId
  readonly owner: OwnerId
}

/**
 * Whether a node has shown itself, or is one of the mesh's own: then its agreement vouches for
 * others, and what it earns is its owner's at once.
 */
export function isAnchor(learning: Learning, { node, owner }: Owned, executor: Executor): boolean {
  const { vouched } = reputationOf(learning.state, node, executor)
  return vouched >= anchorPasses || isOfMember(learning, owner)
}

/** Whether an owner is a member of the roster. */
export function isOfMember({ governance }: Learning, owner: OwnerId): boolean {
  return isMember(governance, owner as string as CoordinatorId)
}

/** What the verdicts say about a node. */
export function reputationOf(state: State, node: NodeId, executor: Executor): Reputation {
  return state.reputations.get(node, executor) ?? newcomer
}
