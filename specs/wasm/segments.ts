import { Edits, type edit } from './edits.ts'

const none = -1

/** The segments of a body as they are read, and all edits to it in their order. */
export class Segments {
  readonly edits = new Edits()
  /** What those that have ended cost together. */
  total = 0
  #open = none
  #cost = 0

  /** Begins a body. */
  reset(): void {
    this.edits.count = 0
    this.total = 0
    this.#open = none
    this.#cost = 0
  }

  /** Whether control can get here. */
  get isReached(): boolean {
    return this.#open !== none
  }

  /** Adds to the cost of the segment under way. */
  weigh(weight: number): void {
    this.#cost += weight
  }

  /** Ends the segment under way and begins one. */
  begin(kind: typeof edit.charge | typeof edit.loop, at: number, depth: number): void {
    this.close()
    this.#open = this.edits.add(kind, at, 0, 0, depth)
  }

  /** Ends the segment under way; what comes next is not reached before another begins. */
  close(): void {
    if (this.#open !== none) {
      this.edits.price(this.#open, this.#cost)
      this.total += this.#cost
    }
    this.#open = none
    this.#cost = 0
  }

  /** Lists an edit of an instruction; there is none where nothing is reached. */
  edit(kind: number, start: number, end: number, argument: number, depth: number): void {
    if (this.isReached) this.edits.add(kind, start, end - start, argument, depth)
  }
}
