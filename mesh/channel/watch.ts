import type { Clock } from './clock.ts'

/**
 * Wakes up when something is late. What is put off again and again, as the next message is with
 * each message, does not wind it anew: it looks again when it goes off.
 */
export class Watch {
  readonly #clock: Clock
  readonly #due: () => number
  readonly #late: () => void
  #wakeAt = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(clock: Clock, due: () => number, late: () => void) {
    this.#clock = clock
    this.#due = due
    this.#late = late
  }

  /** Something may be due sooner than it was. */
  look(): void {
    const due = this.#due()
    if (this.#stopped || due >= this.#wakeAt) return
    this.#cancel?.()
    this.#wakeAt = due
    const ms = Math.max(0, Math.ceil(due - this.#clock.now()))
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined
      this.#wakeAt = Number.POSITIVE_INFINITY
      if (this.#due() <= this.#clock.now()) this.#late()
      else this.look()
    })
  }

  /** Wakes up no more. */
  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }
}
