import { join } from 'node:path'
import { builtWall } from '@nexapod/dashboard'
import { places } from '../config.ts'
import type { Given, Verb } from '../verb.ts'
import { invitationOf } from './joined.ts'

/** Lends this machine. */
export const nodeUp: Verb = async (given) => {
  const invitation = await invitationOf(given)
  if ('trouble' in invitation) return invitation.trouble
  const args = ['--join', invitation.value, ...said(given, ['limits', 'gateway'])]
  become(['--dir', directoryOf(given, 'node'), ...args])
  await import('@nexapod/node/process')
  return undefined
}

/** Coordinates a mesh. */
export const coordinatorUp: Verb = async (given) => {
  const { options } = given
  const listen = Array.isArray(options.listen) ? [] : ['--listen', '/ip4/0.0.0.0/tcp/4001']
  const mesh = typeof options.meshFile === 'string' ? ['--mesh', options.meshFile] : []
  const names = ['listen', 'announce', 'name', 'rates', 'http', 'origin']
  // Whoever can be looked at is looked at on the wall.
  const wall = options.http === undefined ? [] : ['--wall', await builtWall()]
  const args = [...listen, ...mesh, ...wall, ...said(given, names)]
  become(['--dir', directoryOf(given, 'coordinator'), ...args])
  await import('@nexapod/coordinator/process')
  return undefined
}

/** Where a node or a coordinator keeps its things. */
export function directoryOf({ options }: Given, name: 'node' | 'coordinator'): string {
  return typeof options.dir === 'string' ? options.dir : join(places.data, name)
}

/** Options as they are passed on. */
function said({ options }: Given, names: readonly string[]): string[] {
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
