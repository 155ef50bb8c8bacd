import {
  blame,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  type Execution,
  type FromCoordinator,
  type FromNode,
  type JobId,
  open,
  receiptDocument,
} from '@nexapod/specs'
import { keyOf } from '../core/state.ts'
import { writers } from './cast.ts'
import { jobsOf } from './other.ts'

/** Which execution a receipt is of, as a key of its coordinator. */
export function executionIn(message: FromNode & { type: 'deliver' }): Execution {
  const receipt = open(receiptDocument, message.receipt)
  if (!receipt.ok) throw new Error('it delivered what does not open')
  const { job, unit, slot, epoch, fence } = receipt.value
  return { job, unit, slot, epoch, fence }
}

const chains = new Map(
  writers.flatMap((writer) =>
    [...jobsOf(writer).keys()].map((job) => [job, writer.chain] as const),
  ),
)

/** The chain that a job of the tests is of. */
export function chainOf(job: string): ChainId | undefined {
  return chains.get(job as JobId)
}

/** What a message lets the node forget: executions by coordinator. */
export function letsGo(message: FromCoordinator, from: CoordinatorId): ReadonlySet<string> {
  if (message.type === 'decided' && message.cosignatures.length > 0) {
    const checkpoint = open(checkpointDocument, message.checkpoint)
    const chain = checkpoint.ok ? checkpoint.value.chain : undefined
    const decided = message.executions.filter(({ job }) => chainOf(job) === chain)
    return new Set(writers.flatMap(({ id }) => decided.map((each) => keyOf(id, each))))
  }
  if (message.type !== 'refuse' || message.execution === undefined) return new Set()
  return blame(message.refusal) === 'theirs' ? new Set([keyOf(from, message.execution)]) : new Set()
}
