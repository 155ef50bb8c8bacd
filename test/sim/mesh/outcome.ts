import { accounts } from '../../../specs/index.ts'
import { rememberSignatures } from './opening.ts'
import { argumentsOf, type Profile, profileOf, type Told } from './profile.ts'
import type { Line } from './trace.ts'
import { World } from './world.ts'

/** What became of the nodes of a kind. */
export interface Fortune {
  nodes: number
  /** Paid, and kept until they show themselves. */
  micro: number
  kept: number
  strikes: number
  banned: number
}

/** What came of a world, as plain data. */
export interface Outcome {
  readonly seed: number
  readonly trace: string
  readonly events: number
  readonly virtualMs: number
  readonly counts: Readonly<Record<string, number>>
  readonly latencies: readonly number[]
  readonly fortunes: Readonly<Record<string, Fortune>>
  /** Units that liars had accepted where a plain quorum was asked for. */
  readonly wrong: number
  readonly failure?: Failure
}

/** What must never be, and how to see it again. */
interface Failure {
  readonly what: string
  /** The arguments that run it again. */
  readonly again: string
  readonly lines: readonly Line[]
}

/** How much of a trace is kept to be shown. */
const linesShown = 40

/** Runs the world of a seed. What is thrown in it is what it found. */
export function runWorld(seed: number, told: Told = {}): Outcome {
  rememberSignatures()
  const profile = profileOf(seed, told)
  const world = new World(profile, linesShown)
  const failure = failureOf(world, profile)
  const { trace, scene, latencies, truth } = world
  return {
    seed,
    trace: trace.digest(),
    events: trace.count,
    virtualMs: scene.clock.at,
    counts: Object.fromEntries(scene.watch.counts),
    latencies,
    fortunes: fortunesOf(world),
    wrong: truth.wrong,
    ...(failure === undefined ? {} : { failure }),
  }
}

function failureOf(world: World, profile: Profile): Failure | undefined {
  try {
    world.run()
    return undefined
  } catch (cause) {
    // Whatever stops a world is its finding, and is told with all that shows it again.
    const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    return { what, again: argumentsOf(profile), lines: world.trace.lines }
  }
}

function fortunesOf({ inhabitants, coordinators, scene }: World): Record<string, Fortune> {
  const fortunes: Record<string, Fortune> = {}
  const tallies = coordinators.map(({ writer }) => scene.watch.tallyOf(writer))
  for (const { kind, shell } of inhabitants) {
    const { id, owner } = shell.person
    const fortune = fortunes[kind] ?? { nodes: 0, micro: 0, kept: 0, strikes: 0, banned: 0 }
    fortunes[kind] = fortune
    fortune.nodes++
    for (const { balances, strikes, banned } of tallies) {
      fortune.micro += balances.get(accounts.owner(owner)) ?? 0
      fortune.kept += balances.get(accounts.bond(id)) ?? 0
      fortune.strikes += strikes.get(id) ?? 0
      fortune.banned += banned.has(owner) ? 1 : 0
    }
  }
  return fortunes
}
