import { ownLimits, quietHour } from './cast.ts'
import { move } from './moves.ts'
import { Tape } from './tape.ts'
import { World } from './world.ts'

/** Leads a node through so many moves that a seed draws; what goes wrong says which. */
export function live(seed: number, moves: number): World {
  const tape = new Tape(seed)
  const world = new World()
  for (let i = 0; i < moves; i++) {
    try {
      move(world, tape)
    } catch (cause) {
      throw new Error(`seed ${seed}, move ${i}: ${String(cause)}`, { cause })
    }
  }
  return world
}

/** From now on everybody does what they should, and nobody has anything new. */
export function calm(world: World): void {
  world.effectsLeft = Number.POSITIVE_INFINITY
  if (world.state.finished) world.restart()
  world.limits = ownLimits
  world.observations = quietHour
  world.paused = false
  world.step({ type: 'limits', limits: ownLimits })
  world.step({ type: 'observed', observations: quietHour })
  world.step({ type: 'order', order: 'resume' })
  for (const other of [...world.others, ...world.successors.values()]) other.silent = false
  for (let i = 0; i < 400 && !isDone(world); i++) {
    answerAll(world)
    world.pass(10_000)
  }
}

/** Whether nothing is left to be done, and the node has asked for more. */
function isDone({ state, streams }: World): boolean {
  if (state.held.size > 0 || state.kept.size > 0) return false
  return [...streams.values()].some(({ other }) => other.welcomed && other.left > 0)
}

/** After a calm, one unit is leased on every offer that stands. */
export function giveWork(world: World, seed: number): void {
  const tape = new Tape(seed)
  for (const [stream, { other }] of [...world.streams]) {
    const [job] = other.jobs.keys()
    if (job === undefined || !other.welcomed || other.left === 0) continue
    world.hear(stream, [other.lease(tape, { job })])
  }
  for (let i = 0; i < 8; i++) answerAll(world)
}

/** Everybody answers what they were asked, and the shell does what it was told. */
function answerAll(world: World): void {
  for (const [stream, one] of [...world.streams]) {
    if (!one.opened) {
      one.opened = true
      world.step({ type: 'opened', stream })
    }
    const { other } = one
    if (!other.welcomed && world.streams.has(stream)) world.hear(stream, [other.welcome()])
    for (const id of other.asked) {
      const job = other.jobs.get(id)
      other.asked.delete(id)
      if (job !== undefined) world.hear(stream, [{ type: 'job', job: job.signed }])
    }
    const fresh = [...other.got.keys()].filter((id) => !other.acknowledged.has(id))
    if (fresh.length > 0) world.hear(stream, [other.acknowledge(fresh.slice(0, 64))])
    const known = [...other.knows.values()].slice(0, 64)
    other.knows.clear()
    if (known.length > 0) world.hear(stream, [other.decided(known)])
  }
  for (const key of [...world.fetching]) world.endFetch(key, true)
  for (const [key, { frozen, killed }] of [...world.executing]) {
    if (!frozen || killed) world.endExecution(key, true)
  }
}
