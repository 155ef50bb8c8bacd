import { access, constants, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { seedIn } from '@nexapod/mesh'
import { type Answer, accept, fromHex } from '@nexapod/specs'
import { meshOfEnvironment, places } from '../config.ts'
import { type Connection, connect } from '../sdk/connect.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given } from '../verb.ts'

/** What a verb needs, or why it is not there. */
export type Had<T> = { readonly value: T } | { readonly trouble: Trouble }

/** The mesh that is named: by the option, the environment, or because it was joined. */
export async function invitationNamed(given: Given): Promise<string | undefined> {
  return (await invitationFrom(given))?.said
}

/** The same, with what named it. */
export async function invitationFrom({
  options,
}: Given): Promise<{ readonly said: string; readonly from: string } | undefined> {
  if (typeof options.mesh === 'string') return { said: options.mesh, from: 'flag --mesh' }
  if (meshOfEnvironment) return { said: meshOfEnvironment, from: 'environment NEXAPOD_MESH' }
  const said = await joined()
  return said === undefined ? undefined : { said, from: `file ${places.mesh}` }
}

/** The mesh that is meant, which has to be named. */
export async function invitationOf(given: Given): Promise<Had<string>> {
  const said = await invitationNamed(given)
  if (said !== undefined) return { value: said }
  return {
    trouble: {
      exit: exits.usage,
      what: 'No mesh was named.',
      why: 'there is no --mesh, no NEXAPOD_MESH, and none was joined',
      next: 'nexapod mesh join nexapod://mesh/...',
    },
  }
}

/** The secret of the publisher, which is made at first use. */
export async function publisherSeed(): Promise<Answer<Uint8Array>> {
  await mkdir(dirname(places.key), { recursive: true, mode: 0o700 })
  return await seedIn(places.key)
}

/** A secret seed that was exported to a file, or comes on stdin. */
export async function seedOf(file: string): Promise<Had<Uint8Array>> {
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  const seed = fromHex(text.trim())
  if (seed?.length === 32) return { value: seed }
  const why = 'it is not 64 hexadecimal digits'
  const next = 'nexapod key export'
  return { trouble: { exit: exits.usage, what: `${file} holds no key.`, why, next } }
}

/** A connection to the mesh that is meant. */
export async function connected(given: Given): Promise<Had<Connection>> {
  const invitation = await invitationOf(given)
  if ('trouble' in invitation) return invitation
  const key = await publisherSeed()
  if (!key.ok) return { trouble: troubleOf('Your key cannot be read.', key.refusal) }
  const opened = await connect({ invitation: invitation.value, key: key.value })
  if (opened.ok) return { value: opened.value }
  return { trouble: troubleOf('The mesh cannot be joined.', opened.refusal) }
}

/** The trouble that a file is not there, with what to do then; none if it can be read. */
export async function unreadable(file: string, next: string): Promise<Trouble | undefined> {
  return await access(file, constants.R_OK).then(
    () => undefined,
    (cause: Error) => {
      return { exit: exits.missing, what: `${file} cannot be read.`, why: cause.message, next }
    },
  )
}

async function joined(): Promise<string | undefined> {
  const found = await fileIfThere(places.mesh)
  return found?.trim()
}

/** What is in a file; undefined if there is none. */
async function fileIfThere(path: string): Promise<string | undefined> {
  const read: Answer<string> | undefined = await readFile(path, 'utf8').then(accept, (cause) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  })
  return read?.ok ? read.value : undefined
}
