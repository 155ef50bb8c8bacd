import { setTimeout } from 'node:timers/promises'
import { askAtDoor, type DoorQuestion } from '@nexapod/node/door'
import type { NodeStatus, UnitStatus } from '@nexapod/node/shell'
import type { Refusal } from '@nexapod/specs'
import { columns, type Desk, painted, print, write } from '../desk.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { earnedBy } from './credit.ts'
import { short } from './published.ts'
import { directoryOf } from './up.ts'

/** What the node does, and why. */
export const status: Verb = async (given, desk) => {
  if (given.options.watch === true) return await watched(given, desk)
  return await atDoor({ type: 'status' }, given, desk)
}

/** What runs stands still. */
export const pause = ordered('pause')
/** It lends again. */
export const resume = ordered('resume')
/** It ends behind its last result. */
export const finish = ordered('finish')

type Order = (DoorQuestion & { readonly type: 'order' })['order']

function ordered(order: Order): Verb {
  return async (given, desk) => await atDoor({ type: 'order', order }, given, desk)
}

async function atDoor(
  question: DoorQuestion,
  given: Given,
  desk: Desk,
): Promise<Trouble | undefined> {
  const asked = await askAtDoor(directoryOf(given, 'node'), question)
  if (!asked.ok) return unasked(asked.refusal)
  const found = asked.value as NodeStatus
  if (given.options.credit !== true) {
    await print(desk, given.form, found, linesOf(found, desk))
    return undefined
  }
  const earned = await earnedBy(found, given, desk)
  if ('trouble' in earned) return earned.trouble
  const { words, ...micro } = earned.value
  await print(desk, given.form, { ...found, credit: micro }, [...linesOf(found, desk), words])
  return undefined
}

/** Shows it again and again, over itself on a terminal, until Ctrl-C or the node has ended. */
async function watched(given: Given, desk: Desk): Promise<Trouble | undefined> {
  for (;;) {
    const asked = await askAtDoor(directoryOf(given, 'node'), { type: 'status' })
    if (!asked.ok) return unasked(asked.refusal)
    const found = asked.value as NodeStatus
    if (desk.isTerminal && given.form === 'table') await write(desk.stdout, clear)
    await print(desk, given.form, found, linesOf(found, desk))
    await setTimeout(watchMs, undefined, { signal: desk.signal })
  }
}

const watchMs = 2000
const clear = '\x1b[H\x1b[2J'

function unasked(refusal: Refusal): Trouble {
  const trouble = troubleOf('The node cannot be asked.', refusal)
  return refusal.code === 'node.door' ? { ...trouble, exit: exits.missing } : trouble
}

const orders: Readonly<Record<NodeStatus['order'], string>> = {
  lend: 'lends itself',
  pause: 'is paused; nexapod node resume goes on',
  finish: 'finishes, and ends then',
  stop: 'ends',
}

function linesOf(found: NodeStatus, desk: Desk): string[] {
  const { node, owner, order, since, coordinators, units, idle, done, receipts, page } = found
  const whose = (owner as string) === node ? 'its own' : owner
  // One that writes several chains has a stream for each.
  const known = new Set(coordinators.map(({ coordinator }) => coordinator))
  const open = coordinators.filter(({ stage }) => stage === 'open')
  const there = new Set(open.map(({ coordinator }) => coordinator)).size
  const span = ago(since)
  const lost = Object.entries(done.without).map(([why, times]) => `${times} ${why}`)
  const begun = units.filter(({ stage }) => !waits.has(stage))
  const rows = begun.length === 0 ? [] : [heads, ...begun.map(rowOf)]
  return [
    `${painted(desk, 'bold', node)}  ${orders[order]}`,
    `owner  ${whose}`,
    `lends  ${lendsOf(found)}`,
    `mesh   ${there} of ${known.size} coordinators welcome it`,
    ...columns(rows),
    ...waiting(units),
    ...forWhom(units),
    ...idle.map(({ code, says }) => `idle   ${code}: ${says}`),
    `done   ${done.sealed} results in ${span}: ${done.acknowledged} acknowledged, ` +
      `${done.decided} decided, ${receipts} wait for a verdict`,
    ...(lost.length === 0 ? [] : [`let go ${lost.join(', ')}`]),
    ...(page === undefined ? [] : [`page   ${page}`]),
  ]
}

/** What may be used now, and for which of the two uses of a machine that is. */
function lendsOf({ lends: { inUse, cores, cpuPercent, ramBytes } }: NodeStatus): string {
  if (cores === 0) return 'nothing now'
  const memory = `${(ramBytes / 1e9).toFixed(1)} GB of memory`
  const use = inUse ? 'in use, as far as it can tell' : 'idle'
  const lent = `${cores} core${cores === 1 ? '' : 's'} at ${cpuPercent} %`
  return `${lent}, ${memory}: the machine is ${use}`
}

/** Stages of units that nothing of has run yet: there may be many of them. */
const waits: ReadonlySet<UnitStatus['stage']> = new Set(['leased', 'fetching', 'ready'])

function waiting(units: readonly UnitStatus[]): string[] {
  const count = units.filter(({ stage }) => waits.has(stage)).length
  if (count === 0) return []
  return [`waits  ${count === 1 ? '1 unit that has' : `${count} units that have`} not begun`]
}

/** Of whom each job is that something is here of, and why it came. */
function forWhom(units: readonly UnitStatus[]): string[] {
  const lines = units.map(({ name, project, publisher, because }) => {
    if (name === undefined || because === undefined) return undefined
    const of = project === undefined ? 'no project' : `project ${project}`
    return `for    ${name}, ${of}, by ${publisher}: ${becauses[because]}`
  })
  return [...new Set(lines)].filter((line) => line !== undefined)
}

const becauses = {
  project: 'you named its project',
  publisher: 'you named its publisher',
  all: 'you lend to all projects',
} as const

const heads = ['UNIT', 'STATE', 'FOR', 'USUALLY', 'FAR', 'JOB']

/** A unit: what it is of, since when, how long such units take here, and how far it is. */
function rowOf(unit: UnitStatus): string[] {
  const { job, stage, since, ranMs, usualMs, name } = unit
  return [
    `${short(job)}/${unit.unit}`,
    stage,
    ranMs === undefined ? ago(since) : spell(ranMs),
    usualMs === undefined ? '-' : spell(usualMs),
    farOf(unit),
    name ?? '-',
  ]
}

/** How far a unit is, as such units go here: a guess, which never says that one is at its end. */
function farOf({ ranMs, usualMs }: UnitStatus): string {
  if (ranMs === undefined || usualMs === undefined) return '-'
  return `~${Math.min(99, Math.round((100 * ranMs) / Math.max(1, usualMs)))} %`
}

function ago(time: number): string {
  return spell(Math.max(0, Date.now() - time))
}

function spell(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
