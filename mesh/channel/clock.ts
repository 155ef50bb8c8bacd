/** Time as a channel sees it, so that tests and simulations have their own. */
export interface Clock {
  /** Milliseconds on a clock that nobody sets and that never goes back. */
  now(): number
  /**
   * Runs something after so many milliseconds, or when others have had their turn if there are
   * none; what it gives forgets that again.
   */
  after(ms: number, run: () => void): () => void
}

/** The clock of the machine. */
export const machineClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    if (ms <= 0) {
      const soon = setImmediate(run)
      return () => clearImmediate(soon)
    }
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
