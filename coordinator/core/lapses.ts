import type { NodeId } from '@nexapod/specs'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** How often a node may lapse before it has to wait. */
const lapsesMax = 16
/** How long it has to wait then, for each further time; in as long, one lapse is forgiven. */
const restMs = 600_000
/** Nodes whose lapses are remembered. */
const nodesMax = 100_000

/**
 * A node let a lease end, or gave it back. Each time it is given another unit by chance: who could
 * do that without a bound would go on until it is given the unit of a friend.
 */
export function noteLapse({ state, at }: Turn, node: NodeId): void {
  const { lapses } = state
  const many = lapsesOf(state, node) + 1
  const until = many > lapsesMax ? at + restMs : 0
  // Who lapsed last stands last.
  lapses.delete(node)
  lapses.set(node, { count: many, since: at, until })
  for (const first of lapses.keys()) {
    if (lapses.size <= nodesMax) break
    lapses.delete(first)
  }
}

/** How often a node lapsed, but for what is forgiven by now. */
export function lapsesOf({ lapses, at }: State, node: NodeId): number {
  const { count, since } = lapses.get(node) ?? { count: 0, since: at }
  return Math.max(0, count - Math.floor((at - since) / restMs))
}

/** Whether a node has to wait. */
export function isResting({ state, at }: Turn, node: NodeId): boolean {
  return (state.lapses.get(node)?.until ?? 0) > at
}
