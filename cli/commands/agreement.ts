import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LimitsStatus } from '@nexapod/node/limits'
import type { Invitation } from '@nexapod/specs'
import { columns, type Desk, painted } from '../desk.ts'
import { exits, type Trouble } from '../trouble.ts'

/** What somebody is to agree to: what is lent, from where, to whose mesh. */
export interface Lending {
  readonly directory: string
  readonly invitation: Invitation
  readonly limits: LimitsStatus
  /** Some options as they were typed: behind a verb they name the same mesh, node and limits. */
  again(...options: readonly string[]): string
}

/**
 * Has the owner agree to lend a machine to a mesh: asked once for each mesh, and remembered in the
 * directory of the node. The trouble that nobody agreed, if so.
 */
export async function agreed(
  lending: Lending,
  said: boolean,
  desk: Desk,
): Promise<Trouble | undefined> {
  const { directory, invitation } = lending
  const path = join(directory, 'agreed')
  const before = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw cause
  })
  if (before.split('\n').includes(invitation.mesh)) return undefined
  desk.stderr.write(
    shown(lending, desk)
      .map((line) => `${line}\n`)
      .join(''),
  )
  if (!said && desk.ask === undefined) return unasked(lending)
  if (!said && !isYes(await desk.ask?.('Lend it so? Type yes or no: '))) return declined(lending)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(path, `${before}${invitation.mesh}\n`)
  return undefined
}

function unasked({ again }: Lending): Trouble {
  const why = 'nobody has agreed to it yet, and there is no terminal to ask at'
  const up = `nexapod node up${again('mesh', 'dir', 'limits')} --yes`
  const next = `${up}, if what is shown above is what you want to lend`
  return { exit: exits.usage, what, why, next }
}

function declined({ again }: Lending): Trouble {
  const less = `nexapod node limits set${again('dir', 'limits')} KEY VALUE`
  const next = `${less} lends less; nexapod node up${again('mesh', 'dir', 'limits')} asks again`
  return { exit: exits.denied, what, why: 'you did not say yes', next }
}

const what = 'Nothing was lent.'

function isYes(typed: string | undefined): boolean {
  return /^y(es)?$/i.test(typed?.trim() ?? '')
}

/** What a limit says, by its key. */
type Say = (key: string) => string

/** All that is lent, in words. */
function shown(lending: Lending, desk: Desk): string[] {
  const { directory, invitation, again } = lending
  const { path, rows } = lending.limits
  const dir = again('dir')
  const facts = factsOf((key) => rows.find((row) => row.key === key)?.says ?? '')
  const each = dir === '' ? '' : `, each with${dir}`
  const mesh = `${invitation.name} (${invitation.mesh.slice(0, 12)}), coordinated by`
  return [
    painted(desk, 'bold', 'This machine lends itself, to compute for others:'),
    ...columns(facts).map((line) => `  ${line}`),
    `To the mesh ${mesh}`,
    ...invitation.members.map(({ coordinator }) => `  ${coordinator}`),
    `Limits are in ${path}, all else of the node in ${directory}.`,
    `At any time: nexapod node status, pause, finish, and limits, which hold at once${each}.`,
  ]
}

/** Every limit that is one; what is left out is not limited, and nothing of it is lent. */
function factsOf(say: Say): (readonly [string, string])[] {
  const battery = say('battery.percentMin')
  const maybe = (name: string, key: string, words: (says: string) => string) => {
    const says = say(key)
    return says === 'none' || says === '0' ? [] : [[name, words(says)] as const]
  }
  return [
    ['in use', `${use(say, 'inUse')}, while somebody uses it or that cannot be told`],
    ['idle', `${use(say, 'idle')}, when nobody has for ${say('idleAfterMs')}`],
    ['hours', say('hours')],
    ['battery', battery === 'never' ? 'never on it' : `also on it, down to ${battery}`],
    ...maybe('heat', 'celsiusMax', (most) => `up to ${most}`),
    ['network', say('metered') === 'yes' ? 'any, also one paid by volume' : 'none paid by volume'],
    ...maybe('fetches', 'transfers.downBytesMax', (most) => `up to ${most} a day`),
    ...maybe('sends', 'transfers.upBytesMax', (most) => `up to ${most} a day`),
    ['disk', say('diskBytes')],
    ['runs', runs(say)],
    ...maybe('gpus', 'gpus', (count) => count),
    ...maybe('but not', 'programs', (programs) => `while one of these runs: ${programs}`),
    ['for', `${say('projects')} projects`],
    ['of', `${say('publishers')} publishers`],
    ...maybe('not for', 'avoids.projects', (projects) => projects),
    ...maybe('nor for', 'avoids.publishers', (publishers) => publishers),
    ['told', say('owner.remote') === 'yes' ? 'here, and from afar by its owner' : 'here alone'],
  ]
}

function use(say: Say, which: 'inUse' | 'idle'): string {
  const cores = say(`${which}.cores`)
  const some = cores === '1' ? '1 core' : `${cores} cores`
  return `${some} at ${say(`${which}.cpuPercent`)}, ${say(`${which}.ramBytes`)} of memory`
}

function runs(say: Say): string {
  const modules = say('executors.wasm') === 'yes' ? ['WebAssembly modules'] : []
  const images = say('executors.images') === 'none' ? 'no image yet' : say('executors.images')
  const which = say('executors.anyImage') === 'yes' ? 'any image' : images
  const containers = say('executors.docker') === 'yes' ? [`containers of ${which}`] : []
  return [...modules, ...containers].join(' and ') || 'nothing'
}
