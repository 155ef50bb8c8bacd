/** One turn of running and standing still. */
const turnMs = 100

/** What can be made to stand still. */
export interface Braked {
  stop(): void
  go(): void
}

/**
 * Lets children stand still: those that are frozen for as long as they are, all others for a part
 * of each turn, so that they get their share of a core and no more.
 */
export class Brake {
  readonly #all = new Set<Braked>()
  readonly #frozen = new Set<Braked>()
  #percent = 100
  #turn: NodeJS.Timeout | undefined
  #pausing: NodeJS.Timeout | undefined

  add(one: Braked): void {
    this.#all.add(one)
  }

  remove(one: Braked): void {
    this.#all.delete(one)
    this.#frozen.delete(one)
  }

  freeze(one: Braked): void {
    this.#frozen.add(one)
    one.stop()
  }

  thaw(one: Braked): void {
    this.#frozen.delete(one)
    one.go()
  }

  /** Gives each this share of a core, in whole percents. */
  pace(percent: number): void {
    this.#percent = Math.min(100, Math.max(1, percent))
    this.close()
    if (this.#percent < 100) this.#turn = setInterval(() => this.#pause(), turnMs)
  }

  close(): void {
    clearInterval(this.#turn)
    clearTimeout(this.#pausing)
    for (const one of this.#all) if (!this.#frozen.has(one)) one.go()
  }

  #pause(): void {
    const paused = [...this.#all].filter((one) => !this.#frozen.has(one))
    for (const one of paused) one.stop()
    const ms = (turnMs * (100 - this.#percent)) / 100
    this.#pausing = setTimeout(() => {
      for (const one of paused) if (!this.#frozen.has(one)) one.go()
    }, ms)
  }
}
