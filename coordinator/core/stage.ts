import type { NodeBook } from './book.ts'
import { isUntried } from './probes.ts'
import type { State } from './state.ts'

/** Where a node stands, as a coordinator sees it; core.md has the table. */
export type Stage =
  | 'unregistered'
  | 'registered'
  | 'pending'
  | 'available'
  | 'busy'
  | 'executing'
  | 'complete'

/** Where a node stands: derived from what is known of it, and stored nowhere. */
export function stageOf(state: State, node: NodeBook | undefined): Stage {
  if (node === undefined || !node.welcomed) return 'unregistered'
  const { leases, left, leaving } = node
  if (leaving && leases.size === 0) return 'complete'
  if (!leaving && isUntried(state, node)) return 'pending'
  if (leases.size > 0) return left > 0 ? 'executing' : 'busy'
  return left > 0 ? 'available' : 'registered'
}
