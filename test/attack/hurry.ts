import { type Clock, machineClock } from '../../mesh/channel/clock.ts'

/** The clock of the machine, so many times as fast: a test cannot wait for every deadline. */
export function hurried(times: number): Clock {
  return {
    now: () => machineClock.now() * times,
    after: (ms, run) => machineClock.after(ms / times, run),
  }
}
