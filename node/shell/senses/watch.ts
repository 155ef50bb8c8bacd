import { limits as bounds } from '@nexapod/specs'
import type { Limits } from '../../core/limits/limits.ts'
import { asksForIdle, clockOf, type Found, type Senses } from './senses.ts'

/** Whom a watch works for. */
export interface Watched {
  /** What its owner lends now. */
  limits(): Limits
  /** The machine is found so. */
  found(found: Found): void
  /** A look is under way: what it throws is a mistake, or a disk that is gone. */
  attend(looking: Promise<void>): void
}

/**
 * Looks how the machine is found: at all of it from time to time, and when the limits have changed;
 * and every second whether somebody has come back, as long as less is lent then.
 */
export class Watch implements Disposable {
  readonly #senses: Senses
  readonly #watched: Watched
  #last: Found
  #limits: Limits
  #nextAt = 0
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  /** Begins with what was found first. */
  constructor(senses: Senses, first: Found, watched: Watched) {
    this.#senses = senses
    this.#watched = watched
    this.#last = first
    this.#limits = watched.limits()
    this.#rest()
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  /** All was looked at: the next such look is some way off. */
  #rest(): void {
    this.#nextAt = performance.now() + bounds.observeMs
    this.#later()
  }

  /** One look after the other, however long one takes. */
  #later(): void {
    if (this.#isOver) return
    this.#timer = setTimeout(() => this.#watched.attend(this.#look()), bounds.returnMs)
  }

  async #look(): Promise<void> {
    const limits = this.#watched.limits()
    if (limits !== this.#limits || performance.now() >= this.#nextAt) {
      this.#limits = limits
      this.#take(await this.#senses.look(limits))
      this.#rest()
      return
    }
    if (isAlone(this.#last, limits) && asksForIdle(limits)) await this.#lookForOwner(limits)
    this.#later()
  }

  /** Whether somebody has come is told at once: the rest may take longer to find out. */
  async #lookForOwner(limits: Limits): Promise<void> {
    const idleMs = await this.#senses.idleMs()
    const { idleMs: _, ...rest } = this.#last
    const found = { ...rest, ...(idleMs === undefined ? {} : { idleMs }) }
    if (!isAlone(found, limits)) this.#take({ ...found, clock: clockOf(new Date()) })
  }

  #take(found: Found): void {
    this.#last = found
    if (!this.#isOver) this.#watched.found(found)
  }
}

/** Whether nobody has touched the machine for as long as its owner says. */
function isAlone({ idleMs }: Found, { idleAfterMs }: Limits): boolean {
  return idleMs !== undefined && idleMs >= idleAfterMs
}
