import { askAtDoor, type DoorQuestion } from '@nexapod/node/door'
import type { NodeStatus, UnitStatus } from '@nexapod/node/shell'
import { columns, type Desk, painted, print } from '../desk.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { earnedBy } from './credit.ts'
import { short } from './published.ts'
import { directoryOf } from './up.ts'

/** What the node does, and why. */
export const status: Verb = async (given, desk) => await atDoor({ type: 'status' }, given, desk)

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
  if (!asked.ok) {
    const { code } = asked.refusal
    const trouble = troubleOf('The node cannot be asked.', asked.refusal)
    return code === 'node.door' ? { ...trouble, exit: exits.missing } : trouble
  }
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

const orders: Readonly<Record<NodeStatus['order'], string>> = {
  lend: 'lends itself',
  pause: 'is paused; nexapod node resume goes on',
  finish: 'finishes, and ends then',
  stop: 'ends',
}

function linesOf(found: NodeStatus, desk: Desk): string[] {
  const { node, owner, order, since, coordinators, units, idle, done, receipts } = found
  const whose = (owner as string) === node ? 'its own' : owner
  const there = coordinators.filter(({ stage }) => stage === 'open').length
  const begun = ago(since)
  const lost = Object.entries(done.without).map(([why, times]) => `${times} ${why}`)
  const rows = units.length === 0 ? [] : [heads, ...units.map(rowOf)]
  return [
    `${painted(desk, 'bold', node)}  ${orders[order]}`,
    `owner  ${whose}`,
    `mesh   ${there} of ${coordinators.length} coordinators welcome it`,
    ...columns(rows),
    ...idle.map(({ code, says }) => `idle   ${code}: ${says}`),
    `done   ${done.sealed} results in ${begun}: ${done.acknowledged} acknowledged, ` +
      `${done.decided} decided, ${receipts} wait for a verdict`,
    ...(lost.length === 0 ? [] : [`let go ${lost.join(', ')}`]),
  ]
}

const heads = ['UNIT', 'STATE', 'FOR', 'USUALLY', 'JOB', 'PROJECT', 'PUBLISHER']

/** A unit: what it is of, for whom, since when, and how long such units take here. */
function rowOf(unit: UnitStatus): string[] {
  const { job, stage, since, ranMs, usualMs, name, project, publisher } = unit
  return [
    `${short(job)}/${unit.unit}`,
    stage,
    ranMs === undefined ? ago(since) : spell(ranMs),
    usualMs === undefined ? '-' : spell(usualMs),
    name ?? '-',
    project ?? '-',
    publisher ?? '-',
  ]
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
