/**
 * The road: the only place that knows libp2p and Helia. Both are loaded when a mesh is opened and
 * not before, for they take a third of a second and 50 MB.
 */
import { type Answer, accept, type Cid } from '@nexapod/specs'
import type { ImportBounds } from './data/importing.ts'
import type { HostedMesh, MeshConfig } from './host/mesh.ts'
import type { StockedMesh, StockedMeshConfig } from './host/stocked.ts'

export { type Answerer, type AnswerTo, Asker, answerCalls } from './channel/call.ts'
export { type Ask, changesTold } from './channel/changes.ts'
export type { Channel, Hearer } from './channel/channel.ts'
export { type Clock, machineClock } from './channel/clock.ts'
export { type FollowerGround, follow, type Reading, serveFollower } from './channel/follow.ts'
export { Pauses, waited } from './channel/redial.ts'
export type { Opened, ProtocolName, Served, Streams } from './channel/streams.ts'
export { throwing } from './channel/unawaited.ts'
export type { Data } from './data/data.ts'
export type { Taker } from './data/reading.ts'
export type { Found } from './host/directory.ts'
export type { Caller, Member, Mesh } from './host/face.ts'
export type { Gossip, TopicName, Trust } from './host/hearing.ts'
export { type MemoryMeshConfig, MemoryMeshes } from './host/memory.ts'
export type { HostedMesh, MeshConfig } from './host/mesh.ts'
export type { StockedMesh, StockedMeshConfig } from './host/stocked.ts'
export { seedIn } from './key-file.ts'

/** Opens the mesh: a host in it, its topics, its directory. Nobody has been dialled yet. */
export async function openMesh(config: MeshConfig): Promise<HostedMesh> {
  const { openMesh: open } = await import('./host/mesh.ts')
  return open(config)
}

/** Opens the mesh with a store of blocks: files and directories go in and out by CID. */
export async function openStockedMesh(config: StockedMeshConfig): Promise<StockedMesh> {
  const { openStockedMesh: open } = await import('./host/stocked.ts')
  return open(config)
}

/** What a file or directory on this disk is called by, and its bytes; none of them are kept. */
export async function nameOf(
  path: string,
  bounds: ImportBounds,
): Promise<Answer<{ readonly cid: Cid; readonly bytes: number }>> {
  const { importPath } = await import('./data/importing-disk.ts')
  return await importPath(path, async () => accept(undefined), bounds)
}
