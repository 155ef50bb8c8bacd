/** The longest that a timer of the library can be. */
const timerMsMax = 2 ** 31 - 1

/**
 * What is left of a run's time; it can be stopped and goes on from there. It is time of whole
 * cores: at a share of them it goes slower by as much.
 */
export class Clock {
  #leftMs: number
  #cpuPercent: number
  #since: number | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #over: () => void

  constructor(ms: number, over: () => void, cpuPercent = 100) {
    this.#leftMs = ms
    this.#over = over
    this.#cpuPercent = cpuPercent
    this.start()
  }

  start(): void {
    if (this.#since !== undefined) return
    this.#since = performance.now()
    const ms = (this.#leftMs * 100) / this.#cpuPercent
    this.#timer = setTimeout(this.#over, Math.min(ms, timerMsMax))
  }

  stop(): void {
    if (this.#since === undefined) return
    this.#leftMs -= ((performance.now() - this.#since) * this.#cpuPercent) / 100
    this.#since = undefined
    clearTimeout(this.#timer)
  }

  /** The run is given this share of its cores from now on. */
  pace(cpuPercent: number): void {
    const goes = this.#since !== undefined
    this.stop()
    this.#cpuPercent = cpuPercent
    if (goes) this.start()
  }
}
