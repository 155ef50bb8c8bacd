import { limits as bounds, type Job } from '@nexapod/specs'
import { whyIdle } from '../core/idle.ts'
import type { Limits } from '../core/limits/limits.ts'
import type { Observations } from '../core/limits/observations.ts'
import { reasons } from '../core/limits/reasons.ts'
import type { RowName } from '../core/row.ts'
import type { State } from '../core/state.ts'
import type { Other } from './other.ts'

/** What a judge looks at: the node, its shell and everybody around it. */
export interface Watched {
  readonly at: number
  readonly state: State
  readonly limits: Limits
  readonly observations: Observations
  readonly paused: boolean
  readonly disk: ReadonlyMap<RowName, Uint8Array>
  readonly streams: ReadonlyMap<number, { readonly other: Other }>
  readonly others: readonly Other[]
  readonly fetching: ReadonlySet<string>
  readonly executing: ReadonlyMap<string, { readonly killed: boolean; readonly frozen: boolean }>
}

/** What the unit with this key needs, by the job that it is of. */
export function jobIn({ others }: Watched, key: string): Job {
  const id = key.split('/')[1] ?? ''
  for (const { jobs } of others) {
    for (const [known, { job }] of jobs) if (known === id) return job
  }
  throw new Error(`no job ${id}`)
}

/** Nothing begins or goes on for which there is no room; what goes on has its memory already. */
export function checkRoom(world: Watched, key: string, begins: boolean): void {
  const { executing } = world
  let [cores, ramBytes] = [0, 0]
  for (const [other, { frozen, killed }] of executing) {
    if (other === key) continue
    const needs = needsIn(world, other)
    if (!frozen || killed) cores += needs.cores
    ramBytes += needs.ramBytes
  }
  const needs = needsIn(world, key)
  const most = coresAllowed(world)
  if (cores + needs.cores > most) throw new Error(`${cores} + ${needs.cores} cores of ${most}`)
  if (!begins || ramBytes + needs.ramBytes <= use(world).ramBytes) return
  throw new Error('more memory than is lent')
}

/** What a unit uses: all are modules here, whose files lie in memory, a GiB of them at most. */
function needsIn(
  world: Watched,
  key: string,
): { readonly cores: number; readonly ramBytes: number } {
  const { cores, ramBytes, diskBytes } = jobIn(world, key).resources
  return { cores, ramBytes: ramBytes + Math.min(diskBytes, 2 ** 30) }
}

/** Nothing runs on that is not allowed any more, unless it may end. */
export function checkRunning(world: Watched): void {
  const { executing, limits, paused } = world
  if (limits.onReturn === 'finish' && !paused) return
  let cores = 0
  for (const [key, { frozen, killed }] of executing) {
    if (!frozen && !killed) cores += jobIn(world, key).resources.cores
  }
  if (cores > coresAllowed(world)) throw new Error(`${cores} cores run on`)
}

/** Something runs, or there is a reason why nothing does. */
export function checkReasons({ executing, state }: Watched): void {
  const runs = [...executing.values()].some(({ frozen, killed }) => !frozen && !killed)
  const why = whyIdle(state)
  if (runs !== (why.length === 0)) throw new Error(`idle ${!runs}, but ${JSON.stringify(why)}`)
  for (const { code } of why) if (!(code in reasons)) throw new Error(`no reason ${code}`)
}

/** Nothing grows beyond its bound. */
export function checkBounds({ state, disk, fetching, executing, others }: Watched): void {
  const sizes: [string, number, number][] = [
    ['leases', state.held.size, bounds.leasesPerNodeMax],
    ['jobs', state.jobs.size, state.held.size + bounds.jobsKnownMax],
    ['ended', state.ended.size, bounds.leasesEndedMax],
    ['contacts', state.contacts.size, others.length ** 2],
    ['rows', disk.size, state.held.size + 2 * state.kept.size + others.length ** 2],
    ['units of the shell', fetching.size + executing.size, state.held.size],
  ]
  for (const { link } of state.contacts.values()) {
    if (link.stage !== 'open') continue
    sizes.push(['deliveries', link.flying.size, bounds.deliveriesMax])
    sizes.push(['to deliver', link.toDeliver.size + link.toShow.size, state.kept.size])
  }
  for (const [name, size, most] of sizes) {
    if (size > most) throw new Error(`${size} ${name}, at most ${most}`)
  }
}

function coresAllowed(world: Watched): number {
  const { observations, paused } = world
  return paused || observations.power !== 'mains' ? 0 : Math.min(use(world).cores, 4)
}

function use({ limits, observations }: Watched): Limits['idle'] {
  return (observations.idleMs ?? 0) >= limits.idleAfterMs ? limits.idle : limits.inUse
}
