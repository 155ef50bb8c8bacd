import { isMember, ownerOf, type Reputation, strikesMax } from '@nexapod/ledger'
import type { CoordinatorId, NodeId, OwnerId } from '@nexapod/specs'
import { type Counted, type Kind, kinds, type NodeBook } from './book.ts'
import { foreignOf } from './elsewhere.ts'
import { platformText, type Trusts, trustsOf } from './match/lending.ts'
import type { State } from './state.ts'
import { isAnchor } from './verdict/vote.ts'

const nobody: Reputation = { vouched: 0, passes: 0, strikes: 0 }

/** What the verdicts say about a node, for a kind of executor. */
export function standingOf({ ledger }: State, node: NodeId, kind: Kind): Reputation {
  return ledger.state.reputations.get(node, kind) ?? nobody
}

/** Whether an owner is a member of the roster: its nodes are the mesh's own. */
export function isOwn({ ledger }: State, owner: OwnerId): boolean {
  const { governance } = ledger.chain.tip ?? {}
  return governance !== undefined && isMember(governance, owner as string as CoordinatorId)
}

/** Whether an owner was banned. */
export function isBanned({ ledger }: State, owner: OwnerId): boolean {
  return ledger.state.bans.get(owner) !== undefined
}

/**
 * Whether a node was wrong too often to be given anything. Containers do not count: one job whose
 * results differ by chance would send all away who are honest enough to run it.
 */
export function isSuspended(state: State, node: NodeId): boolean {
  return standingOf(state, node, 'wasm').strikes >= strikesMax
}

/** Whether no verdict says anything of a node, here or elsewhere. */
export function isNew(state: State, node: NodeId): boolean {
  return kinds.every((kind) => {
    return standingOf(state, node, kind) === nobody && foreignOf(state, node, kind).vouched === 0
  })
}

/** Whether a node has shown itself with a kind of executor, or is the mesh's own. */
export function isTrusted(state: State, node: NodeId, owner: OwnerId, kind: Kind): boolean {
  return isAnchor({ own: isOwn(state, owner), vouched: standingOf(state, node, kind).vouched })
}

/** What a node may be given beyond what anybody may, with each kind of executor. */
export function trustOf(state: State, { id, owner }: NodeBook): Trusts {
  if (isOwn(state, owner)) return trustsOf(2, 2)
  const wasm = isTrusted(state, id, owner, 'wasm')
  const docker = isTrusted(state, id, owner, 'docker')
  return trustsOf(wasm ? 1 : 0, docker ? 1 : 0)
}

/** How a node counts among those that are there, if it does. */
export function countedAs(state: State, node: NodeBook): Counted | undefined {
  if (!node.welcomed || node.lending === undefined || node.leaving) return undefined
  const { id, owner, platform } = node
  const anchor = { wasm: false, docker: false }
  for (const kind of kindsOf(node.lending.offer.executors)) {
    anchor[kind] = isTrusted(state, id, owner, kind)
  }
  return { owner, platform, own: isOwn(state, owner), anchor }
}

/** The platform of a node, as the chain knows it. */
export function platformOf({ ledger }: State, node: NodeId): string {
  const row = ledger.state.nodes.get(node)
  return row === undefined ? '' : platformText(row.platform)
}

/** Who owns a node now. */
export function ownerNow({ ledger }: State, node: NodeId, time: number): OwnerId {
  return ownerOf(ledger.state, node, time)
}

function kindsOf(executors: readonly { readonly type: Kind }[]): Kind[] {
  return executors.map(({ type }) => type)
}
