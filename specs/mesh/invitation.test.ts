import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { invitations as examples } from '../examples/invitations.ts'
import { mesh, signedMesh } from '../examples/mesh.ts'
import type { CoordinatorId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { ed25519 } from '../signed/ed25519.ts'
import { sign } from '../signed/signed.ts'
import { formatInvitation, type Invitation, openInvited, parseInvitation } from './invitation.ts'
import { meshDocument } from './mesh.ts'

const invitation = examples['to three']

const keys = Array.from({ length: limits.rosterMax }, (_, i) => {
  return ed25519.signer(new Uint8Array(32).fill(i + 1)).id as CoordinatorId
}).sort()

const address = fc
  .tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 }))
  .map(([ip, port]) => `/ip4/${ip}/tcp/${port}`)

const invitations: fc.Arbitrary<Invitation> = fc.record({
  v: fc.constant(1 as const),
  mesh: fc.constant(invitation.mesh),
  name: fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
  members: fc
    .subarray(keys, { minLength: 1 })
    .chain((chosen) => fc.tuple(...chosen.map((coordinator) => member(coordinator)))),
})

function member(coordinator: CoordinatorId) {
  const addresses = fc.array(address, { minLength: 1, maxLength: 2 })
  return fc.record({ coordinator: fc.constant(coordinator), addresses })
}

describe('an invitation', () => {
  test('says after its journey as a text what it said before', () => {
    fc.assert(
      fc.property(invitations, (one) => {
        expect(parseInvitation(formatInvitation(one))).toEqual({ ok: true, value: one })
      }),
    )
  })

  test('is refused wherever it is cut', () => {
    const text = formatInvitation(invitation)
    for (let length = 0; length < text.length; length++) {
      expect(parseInvitation(text.slice(0, length)).ok, `${length} letters`).toBe(false)
    }
  })

  test('is refused with any other letter in any place', () => {
    const text = formatInvitation(invitation)
    const place = fc.integer({ min: 0, max: text.length - 1 })
    fc.assert(
      fc.property(place, fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
        const other = text.slice(0, at) + letter + text.slice(at + 1)
        expect(parseInvitation(other).ok).toBe(other === text)
      }),
    )
  })

  test('is refused unread if it is too long', () => {
    const long = `nexapod://mesh/a/${'a'.repeat(limits.invitationBytesMax)}`
    expect(parseInvitation(long)).toMatchObject({ refusal: { code: 'bytes.too-large' } })
  })

  test('leads to the mesh that was founded so, and to no other', () => {
    expect(openInvited(invitation, signedMesh)).toEqual({ ok: true, value: mesh })
    const renamed = { ...invitation, name: 'another' }
    expect(openInvited(renamed, signedMesh)).toMatchObject({ refusal: { code: 'wire.mesh' } })
    const alone = ed25519.signer(new Uint8Array(32).fill(9))
    const members = [{ coordinator: alone.id as CoordinatorId, addresses: [] }]
    const other = sign(meshDocument, { ...mesh, members, quorum: 1 }, alone)
    expect(openInvited(invitation, other)).toMatchObject({ refusal: { code: 'wire.mesh' } })
  })

  test('leads nowhere if somebody of the first roster did not sign', () => {
    const forged = {
      ...signedMesh,
      signatures: signedMesh.signatures.map(() => new Uint8Array(64)),
    }
    expect(openInvited(invitation, forged)).toMatchObject({ refusal: { code: 'signature.false' } })
  })
})
