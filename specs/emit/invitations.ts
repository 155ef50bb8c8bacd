import { invitations } from '../examples/invitations.ts'
import { formatInvitation, invitationSchema, parseInvitation } from '../mesh/invitation.ts'
import type { Code } from '../refusal/refusals.ts'
import type { Json } from '../schema/schema.ts'

/** Invitations as they are sent, each with what it says or why it is refused. */
export function invitationVectors(): Json {
  const valid = Object.entries(invitations).map(([name, value]) => {
    return { name, text: formatInvitation(value), json: invitationSchema.print(value) }
  })
  const text = formatInvitation(invitations['to one that can be dialled'])
  const last = text.at(-1) === 'a' ? 'b' : 'a'
  const wrong: readonly [string, string, Code][] = [
    ['cut in the middle', text.slice(0, text.length / 2), 'invitation.damaged'],
    ['without its last letter', text.slice(0, -1), 'invitation.damaged'],
    ['with another last letter', text.slice(0, -1) + last, 'invitation.damaged'],
    ['with another name', text.replace('/example/', '/sample/'), 'invitation.damaged'],
    ['in capitals', text.toUpperCase(), 'document.form'],
    ['with a space behind it', `${text} `, 'document.form'],
    ['of another kind', text.replace('nexapod:', 'https:'), 'document.form'],
  ]
  const invalid = wrong.map(([name, spoiled, code]) => {
    const answer = parseInvitation(spoiled)
    if (!answer.ok && answer.refusal.code === code) return { name, text: spoiled, code }
    throw new Error(`${name}: expected ${code}, got ${JSON.stringify(answer)}`)
  })
  return { valid, invalid }
}
