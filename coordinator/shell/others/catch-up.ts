import { waited } from '@nexapod/mesh'
import { limits, type ToFollower } from '@nexapod/specs'
import type { Time } from '../time.ts'

/**
 * What followers are given that are far behind: all of them together so many bytes a second, and
 * no more. Who keeps up with a chain is not counted: it gets what is written now.
 */
export class CatchUp {
  readonly #time: Time
  #freeAt = Number.NEGATIVE_INFINITY

  constructor(time: Time) {
    this.#time = time
  }

  /** Waits for its turn; whether it came before the signal. */
  async turn(signal: AbortSignal): Promise<boolean> {
    const ms = this.#freeAt - this.#time.now()
    return ms <= 0 || (await waited(this.#time, Math.ceil(ms), signal))
  }

  /** This is given. */
  give(messages: readonly ToFollower[]): void {
    let bytes = 0
    for (const message of messages) if (message.type === 'entry') bytes += message.entry.length
    const from = Math.max(this.#freeAt, this.#time.now())
    this.#freeAt = from + (bytes / limits.followBytesPerSecond) * 1000
  }
}
