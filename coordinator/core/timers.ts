import { Fifo } from './queue/fifo.ts'
import { Heap, isBefore, type Ordered } from './queue/heap.ts'

interface Timer<T> extends Ordered {
  readonly what: T
}

/** Timers of which none is due before the one in front of it. */
class Line<T> extends Fifo<Timer<T>> {
  last = Number.NEGATIVE_INFINITY
}

/**
 * What is due, the earliest first. What is no more of interest is told when it comes up. Nearly all
 * is due as long after it was added as the one before: that stands in a line, and only what fits
 * behind no line is in a heap.
 */
export class Timers<T> {
  readonly #lines = [new Line<T>(), new Line<T>(), new Line<T>()]
  readonly #heap = new Heap<Timer<T>>()
  #count = 0

  /** When the first of them is due; never, if there is none. */
  get next(): number {
    let next = this.#heap.first?.order ?? Number.POSITIVE_INFINITY
    for (const { first } of this.#lines) if (first !== undefined) next = Math.min(next, first.order)
    return next
  }

  /** Something is due at a time. */
  add(at: number, what: T): void {
    const timer = { what, order: at, tie: this.#count++, index: -1 }
    for (const line of this.#lines) {
      if (line.last > at) continue
      line.last = at
      line.push(timer)
      return
    }
    this.#heap.add(timer)
  }

  /** Something is due at a time. What comes back can take it out again. */
  addFor(at: number, what: T): () => void {
    const timer = { what, order: at, tie: this.#count++, index: -1 }
    this.#heap.add(timer)
    return () => {
      if (this.#heap.has(timer)) this.#heap.remove(timer)
    }
  }

  /** Takes out the first, if it is due by now. */
  due(now: number): T | undefined {
    let from: Line<T> | undefined
    let { first } = this.#heap
    for (const line of this.#lines) {
      if (line.first === undefined || (first !== undefined && !isBefore(line.first, first)))
        continue
      from = line
      first = line.first
    }
    if (first === undefined || first.order > now) return undefined
    if (from === undefined) this.#heap.remove(first)
    else from.shift()
    return first.what
  }
}
