import type { Invitation } from '../mesh/invitation.ts'
import { meshId } from '../mesh/mesh.ts'
import { mesh, signedMesh } from './mesh.ts'

const toThree: Invitation = {
  v: 1,
  mesh: meshId(signedMesh),
  name: mesh.name,
  members: mesh.members,
}

/** Invitations to the mesh of the examples. */
export const invitations = {
  'to three': toThree,
  'to one that can be dialled': { ...toThree, members: mesh.members.slice(0, 1) },
} as const satisfies Readonly<Record<string, Invitation>>
