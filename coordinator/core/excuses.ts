import type { NodeId } from '@nexapod/specs'
import type { JobBook } from './book.ts'
import type { State } from './state.ts'

/** Jobs in which a node may be excused: who names another platform each time is no machine. */
const excusesMax = 16
/** Nodes whose excuses are remembered. */
const nodesMax = 100_000

/** A node was wrong in a job, and its platform may be what errs: that counts once for the job. */
export function noteExcuse({ excuses }: State, { excused }: JobBook, node: NodeId): void {
  if (excused.has(node)) return
  excused.add(node)
  const many = (excuses.get(node) ?? 0) + 1
  excuses.delete(node)
  excuses.set(node, many)
  for (const first of excuses.keys()) {
    if (excuses.size <= nodesMax) break
    excuses.delete(first)
  }
}

/** Whether a node has used up its excuses. */
export function isWornOut({ excuses }: State, node: NodeId): boolean {
  return (excuses.get(node) ?? 0) >= excusesMax
}
