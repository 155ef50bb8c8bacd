/**
 * The road: the only place that knows libp2p and Helia. Both are loaded when a mesh is opened and
 * not before, for they take a third of a second and 50 MB.
 */
import type { HostedMesh, MeshConfig } from './host/mesh.ts'

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
