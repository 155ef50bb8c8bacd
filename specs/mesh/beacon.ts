import { standFields } from '../checkpoint/checkpoint.ts'
import { type CoordinatorId, digest, type MeshId, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bool, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import type { Document } from '../signed/signed.ts'
import { time } from '../time.ts'
import { address } from './mesh.ts'

const beacon = struct({
  v: constant(1),
  mesh: digest<MeshId>(),
  coordinator: peerId<CoordinatorId>(),
  ...standFields,
  addresses: list(address, { max: limits.addressesMax }),
  openUnits: int({ min: 0, max: limits.entriesMax, about: 'Units that no node has: go there.' }),
  takesJobs: bool({ about: 'Whether it admits new jobs.' }),
  issued: time(),
})

/** A coordinator's sign of life: where it is, where its chain stands, how much work it has. */
export type Beacon = Infer<typeof beacon>

/** Signed by the coordinator: gossip carries it through hands that nobody knows. */
export const beaconDocument: Document<Beacon> = {
  domain: 'nexapod/beacon/1',
  schema: beacon,
  signers: ({ coordinator }) => [coordinator],
}
