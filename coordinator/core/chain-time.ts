import type { Moment } from './event.ts'
import type { State } from './state.ts'

/**
 * The time of a chain: that of the wall. It never goes back, so where the wall was set back, or was
 * ahead when the last entry was written, it goes on half as fast as time does until the wall has
 * caught up: an hour that was wrong once makes nothing wait for an hour.
 */
export function timeOf(state: State, moment: Moment): number {
  const { at, time } = state.clock
  const slow = time + Math.floor((moment.at - at) / 2)
  if (moment.time < slow) return slow
  state.clock = moment
  return moment.time
}
