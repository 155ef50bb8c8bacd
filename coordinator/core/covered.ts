import type { Execution, NodeId } from '@nexapod/specs'
import { limits } from '@nexapod/specs'
import type { NodeBook } from './book.ts'
import { firmRow } from './row.ts'
import type { Covered, State, Verdicted } from './state.ts'
import type { Turn } from './turn.ts'

/** A node is told that an execution was decided, once its verdict is covered by a quorum. */
export function tellDecided(turn: Turn, node: NodeBook, execution: Execution, seq: number): void {
  const { covered } = turn.state
  if (covered !== undefined && covered.size > seq) say(turn, node, [execution], covered)
  else noteVerdicted(turn.state, { seq, node: node.id, execution })
}

/**
 * Remembers that a node wants to hear of an execution, once however often it asks. Of this epoch
 * the fence says whose it is: who shows a lease was given it.
 */
export function noteVerdicted({ verdicted, epoch: current }: State, one: Verdicted): void {
  const { epoch, fence } = one.execution
  const key = epoch === current ? fence : `${epoch}/${fence}/${one.node}`
  verdicted.delete(key)
  verdicted.set(key, one)
}

/** A quorum has cosigned: all whose verdicts stand below that may forget them. */
export function cover(turn: Turn, covered: Covered): void {
  const { state } = turn
  if (state.covered !== undefined && state.covered.size >= covered.size) return
  state.covered = covered
  if (state.firmFrom !== undefined && covered.size >= state.firmFrom) {
    state.firmFrom = undefined
    turn.keep(firmRow, { type: 'firm', epoch: state.epoch })
  }
  const { verdicted } = state
  const told = new Map<NodeId, Execution[]>()
  for (const [key, { seq, node, execution }] of verdicted) {
    if (seq >= covered.size) break
    verdicted.delete(key)
    const executions = told.get(node)
    if (executions === undefined) told.set(node, [execution])
    else executions.push(execution)
  }
  for (const [id, executions] of told) {
    const node = state.nodes.get(id)
    if (node !== undefined) say(turn, node, executions, covered)
  }
}

function say(
  turn: Turn,
  node: NodeBook,
  executions: readonly Execution[],
  { checkpoint, cosignatures }: Covered,
): void {
  for (let i = 0; i < executions.length; i += limits.perFrameMax) {
    const part = executions.slice(i, i + limits.perFrameMax)
    turn.say(node, { type: 'decided', executions: part, checkpoint, cosignatures })
  }
}
