import { Heap, type Ordered } from './queue/heap.ts'

interface Timer<T> extends Ordered {
  readonly what: T
}

/** What is due, the earliest first. What is no more of interest is told when it comes up. */
export class Timers<T> {
  readonly #heap = new Heap<Timer<T>>()
  #count = 0

  /** When the first of them is due; never, if there is none. */
  get next(): number {
    return this.#heap.first?.order ?? Number.POSITIVE_INFINITY
  }

  /** Something is due at a time. What comes back can take it out again. */
  add(at: number, what: T): () => void {
    const timer = { what, order: at, tie: this.#count++, index: -1 }
    this.#heap.add(timer)
    return () => {
      if (this.#heap.has(timer)) this.#heap.remove(timer)
    }
  }

  /** Takes out the first, if it is due by now. */
  due(now: number): T | undefined {
    const { first } = this.#heap
    if (first === undefined || first.order > now) return undefined
    this.#heap.remove(first)
    return first.what
  }
}
