import { explain, type Invitation, parseInvitation } from '@nexapod/specs'
import { columns, print } from '../desk.ts'
import type { Governed, Told } from '../sdk/governing.ts'
import { troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected, type Had, invitationOf } from './joined.ts'

/** The members of a mesh, how many must sign, and how each of them answers. */
export const show: Verb = async (given, desk) => {
  const had = await governs(given, desk.signal)
  if ('trouble' in had) return had.trouble
  const { governed, name } = had.value
  const { members, quorum, revision, rates, mesh } = governed.line.governance
  const rows = members.map(({ coordinator, addresses }) => {
    const said = governed.told.find((one) => one.coordinator === coordinator)
    return { coordinator, addresses, ...stand(said, revision) }
  })
  const lines = [
    `${name}  revision ${revision}, ${quorum} of ${members.length} must sign a change`,
    ...columns(rows.map(({ coordinator, says, addresses }) => [coordinator, says, ...addresses])),
  ]
  await print(desk, given.form, { mesh, name, revision, quorum, rates, members: rows }, lines)
  return undefined
}

/** Who governs, as all that answer say. */
export async function governs(
  given: Given,
  signal: AbortSignal,
): Promise<
  Had<{
    readonly governed: Governed
    readonly name: string
    /** Where the invitation says that coordinators are. */
    readonly hints: Pick<Invitation, 'members'>
  }>
> {
  const text = await invitationOf(given)
  if ('trouble' in text) return text
  const had = await connected(given)
  if ('trouble' in had) return had
  await using connection = had.value
  const invitation = parseInvitation(text.value)
  if (!invitation.ok) {
    return { trouble: troubleOf('That is no invitation.', invitation.refusal) }
  }
  const governed = await connection.governs(signal)
  if (!governed.ok) {
    const next = 'nexapod coordinator status says who answers'
    return { trouble: troubleOf('Nobody shows who governs that mesh.', governed.refusal, next) }
  }
  const { name } = invitation.value
  return { value: { governed: governed.value, name, hints: invitation.value } }
}

function stand(said: Told | undefined, revision: number) {
  if (said?.revision === undefined) {
    const says = said?.refusal === undefined ? 'was not asked' : explain(said.refusal)
    return { says: said?.refusal?.code === 'wire.unreachable' ? 'away' : says, ...said }
  }
  const behind = said.revision < revision ? `, ${revision - said.revision} behind` : ''
  return { says: `has revision ${said.revision}${behind}`, revision: said.revision }
}
