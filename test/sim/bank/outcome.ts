import { ForkedWorld } from './forked.ts'
import { World } from './world.ts'

/** What a world came to. */
export interface Outcome {
  readonly seed: number
  readonly attempts: number
  readonly seals: number
  readonly reads: number
  /** How often which question was answered how. */
  readonly answers: readonly (readonly [string, number])[]
  /** What must never be, and was. */
  readonly failure?: string
}

/** Questions of a world, before all come together again. */
export const attemptsOfWorld = 2000

/** Runs the world of a seed: in one of four a coordinator writes two histories. */
export function runWorld(seed: number, attempts = attemptsOfWorld): Outcome {
  const world = seed % 4 === 2 ? new ForkedWorld(seed) : new World(seed)
  let failure: string | undefined
  try {
    world.run(attempts)
  } catch (cause) {
    failure = cause instanceof Error ? `${cause.message}\n${cause.stack}` : String(cause)
  }
  const { deeds, seals, teller } = world
  const answers = [...deeds.outcomes]
  const counts = { seed, attempts: deeds.asked, seals, reads: teller.reads, answers }
  return { ...counts, ...(failure === undefined ? {} : { failure }) }
}
