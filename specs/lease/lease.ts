import {
  type ChainId,
  type CoordinatorId,
  digest,
  type JobId,
  type NodeId,
  peerId,
} from '../id/id.ts'
import { limits } from '../limits.ts'
import { constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import type { Document } from '../signed/signed.ts'
import { time } from '../time.ts'

/** The fields that name one execution of a unit: which job, unit and slot, under which fence. */
export const executionFields = {
  job: digest<JobId>(),
  unit: int({ min: 0, max: limits.sweepUnitsMax - 1 }),
  slot: int({ min: 0, max: limits.slotsMax - 1, about: 'Which of the replicas of the unit.' }),
  epoch: int({ min: 0, max: limits.epochMax, about: 'Of the chain, when it was leased.' }),
  fence: int({ min: 1, max: limits.fenceMax, about: 'Counts the leases of the epoch.' }),
}

/** One execution of a unit. */
export const executionSchema = struct(executionFields)

/** One execution of a unit. */
export type Execution = Infer<typeof executionSchema>

const lease = struct({
  v: constant(1),
  chain: digest<ChainId>(),
  coordinator: peerId<CoordinatorId>(),
  ...executionFields,
  node: peerId<NodeId>(),
  issued: time({ about: 'For people: the node counts leaseMs from when the lease arrives.' }),
  leaseMs: int({ min: limits.renewMs, max: limits.unitMsMax }),
})

/** A coordinator's expiring promise of a unit to a node. */
export type Lease = Infer<typeof lease>

/** Signed by the coordinator, which keeps no copy: the node brings it back with its receipt. */
export const leaseDocument: Document<Lease> = {
  domain: 'nexapod/lease/1',
  schema: lease,
  signers: ({ coordinator }) => [coordinator],
}
