import { join, resolve } from 'node:path'
import { builtWall } from '@nexapod/dashboard'
import { seedIn } from '@nexapod/mesh'
import { limitsIn, limitsPathIn, limitsStatus } from '@nexapod/node/limits'
import { ed25519, parseInvitation } from '@nexapod/specs'
import { places } from '../config.ts'
import type { Desk } from '../desk.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { agreed } from './agreement.ts'
import { invitationOf, unreadable } from './joined.ts'

/** Lends this machine. */
export const nodeUp: Verb = async (given, desk) => {
  const invitation = await invitationOf(given)
  if ('trouble' in invitation) return invitation.trouble
  const { options } = given
  const trouble = await unlent(given, invitation.value, desk)
  if (trouble !== undefined) return trouble
  // An option that may be said without a value is true then: any port.
  const page = options.page === true ? '0' : options.page
  const passed = { ...options, page }
  const args = ['--join', invitation.value, ...said(passed, ['limits', 'gateway', 'page'])]
  become(['--dir', directoryOf(given, 'node'), ...args])
  await import('@nexapod/node/process')
  return undefined
}

/** Why this machine may not be lent, if so: its limits are wrong, or nobody has agreed. */
async function unlent(given: Given, text: string, desk: Desk): Promise<Trouble | undefined> {
  const invitation = parseInvitation(text)
  if (!invitation.ok) return troubleOf('That is no invitation.', invitation.refusal)
  const directory = directoryOf(given, 'node')
  const { limits: named, page, yes } = given.options
  if (typeof page === 'string' && !(/^\d{1,5}$/.test(page) && Number(page) <= 65_535)) {
    const next = 'nexapod node up --page, for any port'
    return { exit: exits.usage, what: `${page} is no port.`, why: 'it is from 0 to 65535', next }
  }
  if (typeof named === 'string') {
    const missing = await unreadable(named, 'nexapod node up takes what is usual, or name another')
    if (missing !== undefined) return missing
  }
  const limits = await limitsIn(limitsPathOf(given))
  if (!limits.ok) return troubleOf('The limits are wrong, so nothing is lent.', limits.refusal)
  const lending = {
    directory,
    invitation: invitation.value,
    limits: limitsStatus(limits.value, []),
    again: (...options: readonly string[]) => typedAgain(given, options),
  }
  return await agreed(lending, yes === true, desk)
}

/** Coordinates a mesh. */
export const coordinatorUp: Verb = async (given, desk) => {
  const { options } = given
  if (typeof options.join === 'string') {
    const trouble = await asksToJoin(given, options.join, desk)
    if (trouble !== undefined) return trouble
  }
  const listen = Array.isArray(options.listen) ? [] : ['--listen', '/ip4/0.0.0.0/tcp/4001']
  const mesh = typeof options.meshFile === 'string' ? ['--mesh', options.meshFile] : []
  if (typeof options.meshFile === 'string') {
    const next = 'nexapod mesh found makes one; or take that of who founded the mesh'
    const missing = await unreadable(options.meshFile, next)
    if (missing !== undefined) return missing
  }
  const names = ['listen', 'announce', 'join', 'name', 'rates', 'http', 'origin']
  // Whoever can be looked at is looked at on the wall.
  const wall = options.http === undefined ? [] : ['--wall', await builtWall()]
  const args = [...listen, ...mesh, ...wall, ...said(options, names)]
  become(['--dir', directoryOf(given, 'coordinator'), ...args])
  await import('@nexapod/coordinator/process')
  return undefined
}

/** Says what the members have to do before a coordinator is one of them; or why it cannot be. */
async function asksToJoin(given: Given, text: string, desk: Desk): Promise<Trouble | undefined> {
  const invitation = parseInvitation(text)
  if (!invitation.ok) return troubleOf('That is no invitation.', invitation.refusal)
  const seed = await seedIn(join(directoryOf(given, 'coordinator'), 'key'))
  if (!seed.ok) return troubleOf('The key of this coordinator cannot be read.', seed.refusal)
  const { announce, listen } = given.options as Readonly<Record<string, readonly string[]>>
  const address = (announce ?? listen)?.[0] ?? '/dns4/HOST/tcp/4001'
  const change = `--add ${ed25519.signer(seed.value).id}@${address}`
  const { name } = invitation.value
  desk.stderr.write(
    `It is of ${name} when the roster names it. A member of ${name} types:\n` +
      `  nexapod coordinator roster propose change.json ${change}\n`,
  )
  return undefined
}

/** Options as they were typed, for who types the next verb: in quotes where a shell wants that. */
function typedAgain({ options }: Given, names: readonly string[]): string {
  return said(options, names)
    .map(
      (word) => ` ${/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`}`,
    )
    .join('')
}

/** Where a node or a coordinator keeps its things. */
export function directoryOf({ options }: Given, name: 'node' | 'coordinator'): string {
  return typeof options.dir === 'string' ? options.dir : join(places.data, name)
}

/** Where the limits of the node are. */
export function limitsPathOf(given: Given): string {
  const { limits } = given.options
  return resolve(typeof limits === 'string' ? limits : limitsPathIn(directoryOf(given, 'node')))
}

/** Options as they are passed on. */
function said(options: Given['options'], names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = options[name]
    if (value === undefined) return []
    const values = Array.isArray(value) ? value : [value]
    return values.flatMap((one) => [`--${name}`, String(one)])
  })
}

/** From here on this process is one that was begun with these arguments. */
function become(args: readonly string[]): void {
  process.argv.splice(2, process.argv.length, ...args)
}
