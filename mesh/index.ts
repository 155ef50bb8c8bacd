/**
 * The road: the only place that knows libp2p and Helia. Both are loaded when a mesh is opened and
 * not before, for they take a third of a second and 50 MB.
 */
import type { HostedMesh, MeshConfig } from './host/mesh.ts'

export { admit, type Gate } from './channel/admit.ts'
export {
  type Answerer,
  type AnswerTo,
  Asker,
  type AskerGround,
  answerCalls,
} from './channel/call.ts'
export { Channel, type Hearer } from './channel/channel.ts'
export { type Clock, machineClock } from './channel/clock.ts'
export {
  type FollowerGround,
  follow,
  type Opener,
  type Reading,
  serveFollower,
} from './channel/follow.ts'
export { gathered } from './channel/gather.ts'
export type { Ground, Meter } from './channel/ground.ts'
export { pipeOf } from './channel/libp2p-pipe.ts'
export { type Faults, memoryPipes, type Weather } from './channel/memory-pipe.ts'
export { bounded } from './channel/muxer.ts'
export { networkOf } from './channel/network.ts'
export type { Ear, Pipe } from './channel/pipe.ts'
export { Pool } from './channel/pool.ts'
export { type QuotaBounds, Quotas } from './channel/quota.ts'
export { type Chance, Pauses, waited } from './channel/redial.ts'
export { type Direction, type Side, sides } from './channel/side.ts'
export type { Opened, ProtocolName, Served, Streams } from './channel/streams.ts'
export { throwing } from './channel/unawaited.ts'
export type { Found } from './host/directory.ts'
export type { Caller, Member, Mesh } from './host/face.ts'
export type { Gossip, TopicName, Trust } from './host/hearing.ts'
export { type MemoryMeshConfig, MemoryMeshes } from './host/memory.ts'
export type { HostedMesh, MeshConfig } from './host/mesh.ts'

/** Opens the mesh: a host in it, its topics, its directory. Nobody has been dialled yet. */
export async function openMesh(config: MeshConfig): Promise<HostedMesh> {
  const { openMesh: open } = await import('./host/mesh.ts')
  return open(config)
}
