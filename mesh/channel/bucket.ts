/** How much at once, and how much a second after that. */
export interface Rate {
  readonly most: number
  readonly perSecond: number
}

/** A token bucket. Its time comes with each call, so that a thousand idle ones cost nothing. */
export class Bucket {
  readonly #rate: Rate
  #left: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.most
    this.#at = now
  }

  /** Takes so much, if need be on credit; how many milliseconds until the credit is paid back. */
  spend(amount: number, now: number): number {
    this.#fill(now)
    this.#left -= amount
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#rate.perSecond) * 1000)
  }

  /** How long until so much is there. */
  wait(amount: number, now: number): number {
    this.#fill(now)
    const missing = amount - this.#left
    return missing <= 0 ? 0 : Math.ceil((missing / this.#rate.perSecond) * 1000)
  }

  /** Whether it is as if it were new. */
  isFull(now: number): boolean {
    this.#fill(now)
    return this.#left >= this.#rate.most
  }

  #fill(now: number): void {
    const { most, perSecond } = this.#rate
    this.#left = Math.min(most, this.#left + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
  }
}
