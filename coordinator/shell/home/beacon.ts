import { type Mesh, throwing } from '@nexapod/mesh'
import {
  type Beacon,
  beaconDocument,
  type CoordinatorId,
  limits,
  type Signed,
  type Signer,
  sign,
} from '@nexapod/specs'
import type { State } from '../../core/state.ts'
import type { Time } from '../time.ts'
import type { Feed } from './feed.ts'

/** Between two: half of them may be lost, and nobody takes it for gone. */
const beaconMs = limits.beaconMsMax / 4
/** From the first to the second: gossip has nobody to go to when a coordinator begins. */
const firstMs = 3000

/** What a beacon is made of. */
export interface BeaconGround {
  readonly mesh: Pick<Mesh, 'id' | 'addresses'>
  readonly state: State
  readonly feed: Feed
  readonly signer: Signer
  readonly time: Time
}

/** A sign of life: where this coordinator is, where its chain stands, how much work it has. */
export function beaconNow({ mesh, state, feed, signer, time }: BeaconGround): Signed<Beacon> {
  const { chain, epoch, size } = feed.store.tip
  const beacon = {
    ...{ v: 1 as const, mesh: mesh.id, coordinator: signer.id as CoordinatorId },
    ...{ chain, epoch, size },
    addresses: mesh.addresses().slice(0, limits.addressesMax),
    openUnits: openUnits(state),
    takesJobs: !state.draining,
    issued: time.wall(),
  }
  return sign(beaconDocument, beacon, signer)
}

/** Says from time to time that this coordinator is there, once for each chain that it writes. */
export function beacons(
  mesh: Pick<Mesh, 'publish'>,
  now: () => readonly Signed<Beacon>[],
  time: Time,
  gone: AbortSignal,
): void {
  const say = async () => {
    for (const beacon of now()) await mesh.publish('beacon', beacon)
  }
  let cancel = () => {}
  const go = (nextMs: number) => {
    throwing(say())
    cancel = time.after(nextMs, () => go(beaconMs))
  }
  go(firstMs)
  gone.addEventListener('abort', () => cancel(), { once: true })
}

/** Units that nobody has. */
export function openUnits({ jobs, queue }: State): number {
  let units = 0
  for (const id of jobs.keys()) {
    const { fresh, begun } = queue.open(id)
    units += fresh + begun
  }
  return units
}
