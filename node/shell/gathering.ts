import type { Nature } from './ground.ts'

/** How long what a unit gave waits for others: less than a lease takes to come. */
const gatherMs = 10

/** What happens to several units at about one time: all of it is one step. */
export class Gathering<Happening> {
  readonly #nature: Nature
  readonly #take: (happenings: readonly Happening[]) => void
  /** What has come in this turn of the loop. */
  #soon: Happening[] = []
  #ending: Happening[] = []
  #stepping: Promise<void> | undefined
  #hurry = () => {}

  constructor(nature: Nature, take: (happenings: readonly Happening[]) => void) {
    this.#nature = nature
    this.#take = take
  }

  /** It is taken at the end of this turn of the loop. */
  add(happening: Happening): void {
    this.#soon.push(happening)
    if (this.#soon.length === 1) setImmediate(() => this.takeNow())
  }

  /** What was to be taken soon is taken before anything that comes behind it. */
  takeNow(): void {
    if (this.#soon.length > 0) this.#take(this.#soon.splice(0))
  }

  /**
   * A unit has ended: what ends soon after it is the same step, one signature, one sync and one
   * message. Resolves when that was taken.
   */
  async end(happening: Happening): Promise<void> {
    this.#ending.push(happening)
    this.#stepping ??= this.#endSoon()
    await this.#stepping
  }

  /** Nothing else is under way: nothing is waited for. */
  hurry(): void {
    this.#hurry()
  }

  async #endSoon(): Promise<void> {
    const due = Promise.withResolvers<void>()
    const cancel = this.#nature.after(gatherMs, due.resolve)
    this.#hurry = due.resolve
    await due.promise
    cancel()
    this.takeNow()
    this.#stepping = undefined
    this.#take(this.#ending.splice(0))
  }
}
