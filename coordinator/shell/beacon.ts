import { type Mesh, throwing } from '@nexapod/mesh'
import { beaconDocument, type CoordinatorId, limits, type Signer, sign } from '@nexapod/specs'
import type { State } from '../core/state.ts'
import type { Feed } from './feed.ts'
import type { Time } from './time.ts'

/** Between two: half of them may be lost, and nobody takes it for gone. */
const beaconMs = limits.beaconMsMax / 4

/** Says from time to time that this coordinator is there, where, and how much work it has. */
export function beacons(
  mesh: Mesh,
  {
    state,
    feed,
    signer,
    time,
  }: {
    readonly state: State
    readonly feed: Feed
    readonly signer: Signer
    readonly time: Time
  },
  gone: AbortSignal,
): void {
  const say = async () => {
    const { chain, epoch, size } = feed.store.tip
    const beacon = {
      ...{ v: 1 as const, mesh: mesh.id, coordinator: signer.id as CoordinatorId },
      ...{ chain, epoch, size },
      addresses: mesh.addresses().slice(0, limits.addressesMax),
      openUnits: openUnits(state),
      takesJobs: !state.draining,
      issued: time.wall(),
    }
    await mesh.publish('beacon', sign(beaconDocument, beacon, signer))
  }
  let cancel = () => {}
  const go = () => {
    throwing(say())
    cancel = time.after(beaconMs, go)
  }
  go()
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
