import { type Clock, machineClock } from '@nexapod/mesh'
import type { Moment } from '../core/event.ts'

/** Both clocks of a machine: one that never goes back, and the one on the wall. */
export interface Time extends Clock {
  /** Milliseconds since 1970. */
  wall(): number
}

/** The clocks of this machine. */
export const machineTime: Time = { ...machineClock, wall: Date.now }

/** This moment, as a step is told it: in whole milliseconds, as all that is signed is. */
export function momentOf(time: Time): Moment {
  return { at: Math.floor(time.now()), time: time.wall() }
}

/** Waits for the first of these, so long at most. */
export async function within(
  time: Clock,
  ms: number,
  what: readonly Promise<unknown>[],
): Promise<void> {
  const late = Promise.withResolvers<void>()
  const cancel = time.after(ms, late.resolve)
  await Promise.race([...what, late.promise])
  cancel()
}
