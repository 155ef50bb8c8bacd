import type { NodeId } from '@nexapod/specs'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** How often a node may lapse more than it delivers before it has to wait. */
const lapsesMax = 16
/** How long it has to wait then, for each further time. */
const restMs = 600_000
/** Nodes whose lapses are remembered. */
const nodesMax = 100_000

/**
 * A node let a lease end, or gave it back. Each time it is given another unit by chance: who could
 * do that without a bound would go on until it is given the unit of a friend.
 */
export function noteLapse({ state, at }: Turn, node: NodeId): void {
  const { lapses } = state
  const known = lapses.get(node) ?? { count: 0, until: 0 }
  known.count++
  if (known.count > lapsesMax) known.until = at + restMs
  // Who lapsed last stands last.
  lapses.delete(node)
  lapses.set(node, known)
  for (const first of lapses.keys()) {
    if (lapses.size <= nodesMax) break
    lapses.delete(first)
  }
}

/** A node delivered what it was given. */
export function noteKept({ lapses }: State, node: NodeId): void {
  const known = lapses.get(node)
  if (known === undefined) return
  known.count--
  if (known.count === 0) lapses.delete(node)
}

/** Whether a node has to wait. */
export function isResting({ state, at }: Turn, node: NodeId): boolean {
  return (state.lapses.get(node)?.until ?? 0) > at
}
