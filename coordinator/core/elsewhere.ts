import type { NodeId, OwnerId } from '@nexapod/specs'
import type { Foreign, Kind } from './book.ts'
import type { Elsewhere } from './event.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** Vouched passes that one foreign chain can give a node: fewer than it takes to be an anchor. */
const foreignPassesMax = 50
/** Nodes of which it is remembered what others say: as many as lapses are. */
const nodesMax = 100_000

const nothing: Foreign[Kind] = { vouched: 0, strikes: 0 }

/** Remembers what other chains say of a node, in place of what they said when it came before. */
export function noteElsewhere(
  { state }: Turn,
  node: NodeId,
  elsewhere: readonly Elsewhere[] | undefined,
): void {
  const { foreign } = state
  foreign.delete(node)
  if (elsewhere === undefined || elsewhere.length === 0) return
  const [oldest] = foreign.keys()
  if (foreign.size >= nodesMax && oldest !== undefined) foreign.delete(oldest)
  foreign.set(node, { wasm: together(elsewhere, 'wasm'), docker: together(elsewhere, 'docker') })
}

/** What is believed of what other chains say of a node. */
export function foreignOf({ foreign }: State, node: NodeId, kind: Kind): Foreign[Kind] {
  return foreign.get(node)?.[kind] ?? nothing
}

/** Owners are banned on another chain: from now on none of their nodes is let in here. */
export function banElsewhere({ state }: Turn, owners: readonly OwnerId[]): void {
  for (const owner of owners) state.shut.add(owner)
  for (const { id, owner } of state.nodes.values()) if (state.shut.has(owner)) state.changed.add(id)
}

/**
 * What several chains come to. Any one of them may be invented: so alone it is believed as far as
 * `foreignPassesMax`, and beyond that as far as another one says so too. Strikes are the most that
 * anybody counts: a lie about them makes a node be asked beside others, and nobody be believed.
 */
function together(elsewhere: readonly Elsewhere[], kind: Kind): Foreign[Kind] {
  const vouched = elsewhere.map((one) => one[kind].vouched).sort((a, b) => b - a)
  const [most = 0, second = 0] = vouched
  const strikes = elsewhere.reduce((max, one) => Math.max(max, one[kind].strikes), 0)
  return { vouched: Math.max(second, Math.min(most, foreignPassesMax)), strikes }
}
