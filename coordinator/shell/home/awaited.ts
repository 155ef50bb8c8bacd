import type { Clock } from '@nexapod/mesh'
import { limits } from '@nexapod/specs'

/** How long whoever asked waits for a quorum. */
const firmMs = limits.answerMs / 2

interface Waiting {
  readonly seq: number
  readonly say: (isFirm: boolean) => void
  readonly cancel: () => void
}

/**
 * What is said once a quorum has cosigned the entry that it speaks of: until then the disk that
 * holds it may be lost, and the chain go on elsewhere without it.
 */
export class Awaited implements Disposable {
  readonly #clock: Pick<Clock, 'after'>
  readonly #isAlone: () => boolean
  readonly #waiting = new Set<Waiting>()
  #size = 0

  constructor(clock: Pick<Clock, 'after'>, isAlone: () => boolean) {
    this.#clock = clock
    this.#isAlone = isAlone
  }

  /** Says it when this entry is covered, or that it is not after a while; alone, at once. */
  firm(seq: number, say: (isFirm: boolean) => void): void {
    if (seq < this.#size || this.#isAlone()) {
      say(true)
      return
    }
    const cancel = this.#clock.after(firmMs, () => {
      this.#waiting.delete(waiting)
      say(false)
    })
    const waiting = { seq, say, cancel }
    this.#waiting.add(waiting)
  }

  /** A quorum has cosigned so many entries. */
  covered(size: number): void {
    this.#size = Math.max(size, this.#size)
    for (const waiting of this.#waiting) {
      if (waiting.seq >= this.#size) continue
      this.#waiting.delete(waiting)
      waiting.cancel()
      waiting.say(true)
    }
  }

  /** Nobody waits any more. */
  [Symbol.dispose](): void {
    for (const { cancel } of this.#waiting) cancel()
    this.#waiting.clear()
  }
}
