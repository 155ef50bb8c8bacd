import {
  blame,
  type CoordinatorId,
  checkpointDocument,
  type Execution,
  type FromCoordinator,
  type FromNode,
  open,
  receiptDocument,
} from '@nexapod/specs'
import { keyOf } from '../core/state.ts'
import { writers } from './cast.ts'

/** Which execution a receipt is of, as a key of its coordinator. */
export function executionIn(message: FromNode & { type: 'deliver' }): Execution {
  const receipt = open(receiptDocument, message.receipt)
  if (!receipt.ok) throw new Error('it delivered what does not open')
  const { job, unit, slot, epoch, fence } = receipt.value
  return { job, unit, slot, epoch, fence }
}

/** What a message lets the node forget: executions by coordinator. */
export function letsGo(message: FromCoordinator, from: CoordinatorId): ReadonlySet<string> {
  if (message.type === 'decided' && message.cosignatures.length > 0) {
    const checkpoint = open(checkpointDocument, message.checkpoint)
    const of = writers.filter(({ chain }) => checkpoint.ok && chain === checkpoint.value.chain)
    return new Set(of.flatMap(({ id }) => message.executions.map((each) => keyOf(id, each))))
  }
  if (message.type !== 'refuse' || message.execution === undefined) return new Set()
  return blame(message.refusal) === 'theirs' ? new Set([keyOf(from, message.execution)]) : new Set()
}
