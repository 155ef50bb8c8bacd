import type { Limits } from '../core/limits/limits.ts'
import { beaconOf, ownLimits, quietHour } from './cast.ts'
import type { Tape } from './tape.ts'
import type { World } from './world.ts'

/** Does the next thing that a tape says: anything that can happen to a node. */
export function move(world: World, tape: Tape): void {
  if (world.state.finished) world.restart()
  world.draw = tape.below(65_536) * 65_536
  const moves: [weight: number, move: () => void][] = [
    [20, () => world.pass(tape.below(20) * 100)],
    [10, () => world.pass(tape.below(40_000))],
    [1, () => world.pass(tape.below(40 * 60_000))],
    [30, () => connect(world, tape)],
    [70, () => talk(world, tape, false)],
    [12, () => talk(world, tape, true)],
    [2, () => breakStream(world, tape)],
    [2, () => beSilent(world, tape)],
    [50, () => answerShell(world, tape)],
    [8, () => observe(world, tape)],
    [3, () => order(world, tape)],
    [2, () => setLimits(world, tape)],
    [3, () => beCrashed(world, tape)],
    [4, () => sendBeacon(world, tape)],
  ]
  let left = tape.below(moves.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, run] of moves) {
    if (left < weight) {
      run()
      return
    }
    left -= weight
  }
}

function connect(world: World, tape: Tape): void {
  const waiting = [...world.streams].filter(([, { opened, other }]) => !opened || !other.welcomed)
  const found = tape.from(waiting)
  if (found === undefined) return
  const [stream, one] = found
  if (tape.oneIn(8)) {
    world.close(stream)
  } else if (!one.opened) {
    one.opened = true
    world.step({ type: 'opened', stream })
  } else {
    if (tape.oneIn(20)) one.other.epoch++
    const first = tape.oneIn(16) ? one.other.lie(tape) : one.other.welcome()
    world.hear(stream, [first])
  }
}

function talk(world: World, tape: Tape, lies: boolean): void {
  const found = tape.from([...world.streams].filter(([, { other }]) => other.welcomed))
  if (found === undefined) return
  const [stream, { other }] = found
  const messages = Array.from({ length: 1 + tape.below(3) }, () => {
    const given = tape.from(other.given.values())
    if (lies && given !== undefined && tape.oneIn(5)) {
      return { type: 'cancel' as const, executions: [given.execution] }
    }
    return lies ? other.lie(tape) : other.honest(tape)
  })
  world.hear(stream, messages)
}

function breakStream(world: World, tape: Tape): void {
  const stream = tape.from(world.streams.keys())
  if (stream !== undefined) world.close(stream)
}

function beSilent(world: World, tape: Tape): void {
  const other = tape.from([...world.others, ...world.successors.values()])
  if (other !== undefined) other.silent = tape.oneIn(4)
}

function answerShell(world: World, tape: Tape): void {
  const key = tape.from([...world.fetching, ...world.executing.keys()])
  // Units take their time, so that others can come between.
  if (key === undefined || (world.executing.has(key) && !tape.oneIn(4))) return
  if (world.fetching.has(key)) world.endFetch(key, !tape.oneIn(6))
  else world.endExecution(key, !tape.oneIn(5))
}

function observe(world: World, tape: Tape): void {
  const odd = [
    {},
    {},
    {},
    { idleMs: 0 },
    { idleMs: 0 },
    { power: 'battery' as const },
    { metered: true },
    { ramBytesFree: 2_000_000_000 },
    { diskBytesFree: 5_000_000_000 },
  ]
  world.observations = { ...quietHour, ...tape.from(odd) }
  world.step({ type: 'observed', observations: world.observations })
}

function order(world: World, tape: Tape): void {
  const said =
    tape.from(['pause', 'resume', 'resume', 'resume', 'resume', 'finish', 'stop'] as const) ??
    'resume'
  if (said === 'pause' || said === 'resume') world.paused = said === 'pause'
  else world.paused = false
  world.step({ type: 'order', order: said })
}

function setLimits(world: World, tape: Tape): void {
  const onReturn = tape.from(['freeze', 'abort', 'finish'] as const) ?? 'freeze'
  const cores = tape.below(4)
  const limits: Limits = { ...ownLimits, onReturn, inUse: { ...ownLimits.inUse, cores } }
  world.limits = limits
  world.step({ type: 'limits', limits })
}

/** Somebody says which chain they write: their own, or that of another. */
function sendBeacon(world: World, tape: Tape): void {
  const by = tape.from(world.others)
  const of = tape.from(world.others)
  if (by === undefined || of === undefined) return
  const issued = world.moment().time - tape.below(200_000)
  const epoch = by === of ? by.epoch : of.epoch + tape.below(2)
  const { chain } = of.writer
  const more = { chain, epoch, openUnits: tape.below(2) }
  world.step({ type: 'beacon', beacon: beaconOf(by.writer, issued, more) })
}

/** The power fails after some more effects; most dearly between those of a result. */
function beCrashed(world: World, tape: Tape): void {
  const key = tape.from(world.executing.keys())
  if (key === undefined || tape.oneIn(2)) {
    world.effectsLeft = tape.below(12)
  } else {
    world.effectsLeft = tape.below(4)
    world.endExecution(key, true)
  }
}
