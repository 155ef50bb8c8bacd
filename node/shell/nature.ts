import { randomBytes, randomInt } from 'node:crypto'
import type { Nature } from './ground.ts'

/** The clocks of this machine, and its chance. */
export const machineNature: Nature = {
  now: () => performance.now(),
  time: () => Date.now(),
  draw: () => randomInt(2 ** 32),
  salt: () => new Uint8Array(randomBytes(32)),
  after(ms, run) {
    // A timer cannot be longer than this; what is due later is asked for again then.
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
}
