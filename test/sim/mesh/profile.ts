import type { Rates } from '../../../specs/index.ts'
import { type KindName, kinds } from './behaviours.ts'
import { between, chanceOf } from './draws.ts'
import type { Manner } from './publisher.ts'
import { type JobKind, jobKinds } from './results.ts'

/** What may go wrong between and inside machines. */
const faults = [
  'crash',
  'damage',
  'slow-disk',
  'partition',
  'cut',
  'loss',
  'slow-network',
  'node-crash',
  'owners',
  'sales',
] as const

/** Something that may go wrong. */
export type FaultName = (typeof faults)[number]

const manners: readonly Manner[] = ['patient', 'impatient', 'cheating']

/** What can be left out of a world: a kind of node, of publisher or of job, or a fault. */
export type Switch =
  | `node:${KindName}`
  | `publisher:${Manner}`
  | `job:${JobKind}`
  | `fault:${FaultName}`

/** What a world is made of: all of it drawn by its seed, but for what is left out. */
export interface Profile {
  readonly seed: number
  readonly coordinators: number
  readonly rates: Pick<Rates, 'apart' | 'auditPermille' | 'settleMs'>
  /** How long anything may happen, before everything has to come to its end. */
  readonly minutes: number
  readonly jobs: number
  readonly honest: number
  readonly own: number
  readonly switches: ReadonlySet<Switch>
  readonly without: ReadonlySet<Switch>
}

/** What a profile may be told instead of drawing it. */
export interface Told {
  readonly without?: Iterable<Switch>
  readonly minutes?: number
  readonly jobs?: number
}

/** The profile of a seed. */
export function profileOf(seed: number, told: Told = {}): Profile {
  const chance = chanceOf(seed, 'profile')
  const draws = chance.below(10)
  const coordinators = draws === 0 ? 1 : draws === 1 ? 4 : 3
  const rates = {
    apart: chance.once(3) ? ('networks' as const) : ('owners' as const),
    auditPermille: chance.one([50, 100, 300, 1000]),
    settleMs: chance.one([20_000, 60_000, 180_000]),
  }
  const minutes = between(chance, 2, 6)
  const jobs = between(chance, 3, 7)
  const honest = between(chance, 5, 7)
  const own = between(chance, 2, 3)
  const hostile = Object.keys(kinds).filter((kind) => kind !== 'honest') as KindName[]
  const switches = new Set<Switch>()
  const draw = (one: Switch, inMany: number) => {
    if (chanceOf(seed, one).once(inMany)) switches.add(one)
  }
  for (const kind of hostile) draw(`node:${kind}`, 5)
  for (const manner of manners) draw(`publisher:${manner}`, 2)
  for (const kind of jobKinds) draw(`job:${kind}`, kind === 'plain' ? 1 : 3)
  for (const fault of faults) draw(`fault:${fault}`, 2)
  const without = new Set(told.without)
  for (const one of without) switches.delete(one)
  return {
    seed,
    coordinators,
    rates,
    minutes: told.minutes ?? minutes,
    jobs: told.jobs ?? jobs,
    honest,
    own,
    switches,
    without,
  }
}

/** The arguments that run a profile again. */
export function argumentsOf({ seed, minutes, jobs, without }: Profile): string {
  const usual = profileOf(seed)
  const parts = [`--seed ${seed}`]
  if (without.size > 0) parts.push(`--without ${[...without].join(',')}`)
  if (minutes !== usual.minutes) parts.push(`--minutes ${minutes}`)
  if (jobs !== usual.jobs) parts.push(`--jobs ${jobs}`)
  return parts.join(' ')
}

/** Whether a text names something that can be left out. */
export function isSwitch(text: string): text is Switch {
  const [what, name = ''] = text.split(':')
  if (what === 'node') return name in kinds
  if (what === 'publisher') return (manners as readonly string[]).includes(name)
  if (what === 'job') return (jobKinds as readonly string[]).includes(name)
  return what === 'fault' && (faults as readonly string[]).includes(name)
}
