import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseInvitation } from '@nexapod/specs'
import { places } from '../config.ts'
import { print } from '../desk.ts'
import { troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { invitationOf } from './joined.ts'

/** Remembers a mesh. */
export const join: Verb = async ({ words: [text = ''], form }, desk) => {
  const invitation = parseInvitation(text)
  if (!invitation.ok) return troubleOf('That is no invitation.', invitation.refusal)
  await mkdir(dirname(places.mesh), { recursive: true, mode: 0o700 })
  await writeFile(places.mesh, `${text}\n`)
  const { name, mesh } = invitation.value
  await print(desk, form, { name, mesh }, [`joined ${name}`])
  return undefined
}

/** The mesh that commands are about. */
export const show: Verb = async (given, desk) => {
  const had = await invitationOf(given)
  if ('trouble' in had) return had.trouble
  const invitation = parseInvitation(had.value)
  if (!invitation.ok) return troubleOf('That is no invitation.', invitation.refusal)
  const { name, mesh, members } = invitation.value
  const lines = members.flatMap(({ coordinator, addresses }) => {
    return [`  ${coordinator}`, ...addresses.map((address) => `    ${address}`)]
  })
  await print(desk, given.form, { name, mesh, members }, [`${name}  ${mesh}`, ...lines])
  return undefined
}
