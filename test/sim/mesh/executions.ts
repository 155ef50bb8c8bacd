import {
  blame,
  type Execution,
  type FromCoordinator,
  type Lease,
  type NodeId,
} from '../../../specs/index.ts'
import type { Tally } from './tally.ts'
import { decidedBy } from './unit-tally.ts'
import { violated } from './violation.ts'

/** What was said of each execution of a chain, over all lives of who writes it. */
export class Executions {
  readonly #given = new Set<string>()
  /** Those whose receipts were refused for good, and to which node. */
  readonly #refused = new Set<string>()

  given(lease: Lease): void {
    this.#given.add(keyOf(lease))
  }

  /** A receipt is sealed: somebody had the lease. */
  sealed(execution: Execution): void {
    if (!this.#given.has(keyOf(execution))) violated('a receipt is sealed that was never leased')
  }

  refused(node: NodeId, { execution, refusal }: FromCoordinator & { type: 'refuse' }): void {
    if (execution === undefined || blame(refusal) !== 'theirs') return
    this.#refused.add(`${node}/${keyOf(execution)}`)
  }

  /** Executions are told to be decided, under a checkpoint of this size. */
  told(tally: Tally, executions: readonly Execution[], size: number): void {
    for (const execution of executions) {
      const seq = decidedBy(tally.jobs.get(execution.job), execution)
      if (seq === undefined || seq >= size) violated('a verdict is told that nobody cosigned')
    }
  }

  /** A node forgets a receipt: its verdict is covered, or it was told that nobody wants it. */
  forgotten(tally: Tally, covered: number, node: NodeId, execution: Execution): void {
    const seq = decidedBy(tally.jobs.get(execution.job), execution)
    if (seq !== undefined && seq < covered) return
    if (this.#refused.has(`${node}/${keyOf(execution)}`)) return
    violated('a receipt is forgotten whose verdict nobody cosigned')
  }
}

function keyOf({ job, unit, slot, epoch, fence }: Execution): string {
  return [job, unit, slot, epoch, fence].join('/')
}
