/** Time as a channel sees it, so that tests and simulations have their own. */
export interface Clock {
  /** Milliseconds on a clock that nobody sets and that never goes back. */
  now(): number
  /** Runs something after so many milliseconds; what it gives forgets that again. */
  after(ms: number, run: () => void): () => void
}

/** The clock of the machine. */
export const machineClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
