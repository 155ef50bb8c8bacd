/** What is left of a run's time; it can be stopped and goes on from there. */
export class Clock {
  #leftMs: number
  #since: number | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #over: () => void

  constructor(ms: number, over: () => void) {
    this.#leftMs = ms
    this.#over = over
    this.start()
  }

  start(): void {
    if (this.#since !== undefined) return
    this.#since = performance.now()
    this.#timer = setTimeout(this.#over, this.#leftMs)
  }

  stop(): void {
    if (this.#since === undefined) return
    this.#leftMs -= performance.now() - this.#since
    this.#since = undefined
    clearTimeout(this.#timer)
  }
}
