import type { Execution } from '../../specs/index.ts'
import type { HostilePeer, Leased } from './peer.ts'
import type { Scene } from './scene.ts'

/** Somebody hostile who was given a lease like anybody. */
export interface Holder {
  readonly peer: HostilePeer
  readonly leased: Leased
}

/** Lets so many join, each in a network of its own and with one lease, and uses them. */
export async function withLeases<T>(
  scene: Scene,
  count: number,
  use: (holders: readonly Holder[]) => Promise<T>,
): Promise<T> {
  await using release = new AsyncDisposableStack()
  const holders: Holder[] = []
  const peers: HostilePeer[] = []
  // All before the first has a lease: its job may have nothing left for the others.
  for (let i = 0; i < count; i++) {
    const peer = release.use(await scene.peer())
    await peer.join(scene.said.mesh, 1)
    peers.push(peer)
  }
  for (const peer of peers) {
    const leased = await peer.lease()
    holders.push({ peer, leased })
    // What is left undone must not keep the honest waiting for the lease to end.
    release.defer(async () => {
      peer.say({ type: 'abort', executions: [executionOf(leased)], why: 'owner' })
      await peer.heard()
    })
  }
  return await use(holders)
}

/** What a lease is called by. */
export function executionOf({ says }: Leased): Execution {
  const { job, unit, slot, epoch, fence } = says
  return { job, unit, slot, epoch, fence }
}
