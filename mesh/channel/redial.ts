import { limits } from '@nexapod/specs'
import type { Clock } from './clock.ts'

/** What pauses need: time, and drawn whole numbers from 0 to 2^32 - 1. */
export interface Chance {
  readonly clock: Clock
  readonly draw: () => number
}

/**
 * The pauses before something is tried again: each failure doubles them, and half of each is
 * drawn, so that those who lost the same coordinator do not all come back at once.
 */
export class Pauses {
  readonly #chance: Chance
  #failures = 0
  #beganAt = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** An attempt begins. */
  begin(): void {
    this.#beganAt = this.#chance.clock.now()
  }

  /** It failed, or what it opened has ended: how long to wait, and at least so long. */
  next(leastMs = 0): number {
    const { clock, draw } = this.#chance
    if (clock.now() - this.#beganAt >= limits.steadyMs) this.#failures = 0
    const doubled = limits.pauseMs * 2 ** Math.min(this.#failures, 20)
    this.#failures++
    const most = Math.max(leastMs * 2, Math.min(doubled, limits.pauseMsMax))
    return Math.ceil(most / 2 + (most / 2) * (draw() / 2 ** 32))
  }
}

/** Waits for so many milliseconds, or until the signal; whether the time is over. */
export function waited(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false)
      return
    }
    const stop = () => {
      cancel()
      resolve(false)
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop)
      resolve(true)
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}
