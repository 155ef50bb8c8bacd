import { decode, digestOf, encode } from '../bytes/bytes.ts'
import { fromBase32, toBase32 } from '../bytes/text.ts'
import { digest, type MeshId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { list } from '../schema/list.ts'
import { constant } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import { open, type Signed } from '../signed/signed.ts'
import { type Mesh, memberSchema, meshDocument, meshId, meshName } from './mesh.ts'

const invitationDomain = 'nexapod/invitation/1'

/** The schema of what an invitation says. */
export const invitationSchema = where(
  struct({
    v: constant(1),
    mesh: digest<MeshId>({ about: 'What the founding document is checked against.' }),
    name: meshName,
    members: list(memberSchema, {
      min: 1,
      max: limits.rosterMax,
      about: 'Whom to dial, in the order of their keys.',
    }),
  }),
  ({ members }, place) => {
    for (const [i, { coordinator }] of members.entries()) {
      const before = members[i - 1]
      if (before === undefined || before.coordinator < coordinator) continue
      place.below('members').below(i).fault('document.rule', 'keys ascend, each once')
    }
    if (members.every(({ addresses }) => addresses.length === 0)) {
      place.below('members').fault('document.rule', 'an address of at least one')
    }
  },
)

/** What a newcomer is given: which mesh, and where its coordinators are. */
export type Invitation = Infer<typeof invitationSchema>

const form = /^nexapod:\/\/mesh\/([a-z0-9-]{1,63})\/([a-z2-7]+)$/
const checkBytes = 4

/** An invitation as the one line that people send each other. */
export function formatInvitation(invitation: Invitation): string {
  const bytes = encode(invitationSchema, invitation)
  const whole = new Uint8Array(bytes.length + checkBytes)
  whole.set(bytes)
  whole.set(digestOf(invitationDomain, bytes).subarray(0, checkBytes), bytes.length)
  const text = `nexapod://mesh/${invitation.name}/${toBase32(whole)}`
  if (text.length <= limits.invitationBytesMax) return text
  throw new RangeError(`an invitation has at most ${limits.invitationBytesMax} letters`)
}

/** What such a line says, if it is whole. */
export function parseInvitation(text: string): Answer<Invitation> {
  if (text.length > limits.invitationBytesMax) {
    const detail = `at most ${limits.invitationBytesMax} letters, found ${text.length}`
    return refuse('bytes.too-large', { detail })
  }
  const [, name, letters = ''] = form.exec(text) ?? []
  if (name === undefined) {
    return refuse('document.form', { detail: 'expected nexapod://mesh/NAME/LETTERS' })
  }
  const whole = fromBase32(letters)
  if (whole === undefined || whole.length <= checkBytes) return refuse('invitation.damaged')
  const bytes = whole.subarray(0, -checkBytes)
  const check = digestOf(invitationDomain, bytes)
  if (whole.subarray(-checkBytes).some((byte, i) => byte !== check[i])) {
    return refuse('invitation.damaged')
  }
  const answer = decode(invitationSchema, bytes)
  return answer.ok && answer.value.name !== name ? refuse('invitation.damaged') : answer
}

/**
 * The mesh that an invitation leads to, once its founding document is there: whoever showed it, it
 * is the one that was meant, or it is refused.
 */
export function openInvited({ mesh, name }: Invitation, founding: Signed<Mesh>): Answer<Mesh> {
  if (meshId(founding) !== mesh) return refuse('wire.mesh', { at: 'mesh' })
  const opened = open(meshDocument, founding)
  if (!opened.ok) return opened
  return opened.value.name === name ? accept(opened.value) : refuse('wire.mesh', { at: 'name' })
}

/**
 * Members as they can be dialled: at the addresses of an invitation beside those of the roster,
 * which may name none. They are hints; nobody is a member by an invitation.
 */
export function dialled(
  members: Invitation['members'],
  { members: invited }: Pick<Invitation, 'members'>,
): Invitation['members'] {
  return members.map(({ coordinator, addresses }) => {
    const hinted = invited.find((one) => one.coordinator === coordinator)?.addresses ?? []
    return { coordinator, addresses: [...new Set([...addresses, ...hinted])] }
  })
}
