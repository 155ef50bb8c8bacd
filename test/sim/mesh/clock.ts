interface Due {
  readonly at: number
  readonly order: number
  readonly what: () => void
}

/** Virtual time: what is to come, by its time and then in the order in which it was asked for. */
export class Clock {
  at = 0
  readonly #heap: Due[] = []
  #asked = 0

  /** Has something happen so many milliseconds from now. */
  after(ms: number, what: () => void): void {
    const due = { at: this.at + Math.max(0, ms), order: this.#asked++, what }
    const heap = this.#heap
    let i = heap.length
    while (i > 0) {
      const above = (i - 1) >> 1
      const other = heap[above] as Due
      if (isBefore(other, due)) break
      heap[i] = other
      i = above
    }
    heap[i] = due
  }

  /** Lets the next thing happen, if it is not later than this time. */
  next(until: number): boolean {
    const [first] = this.#heap
    if (first === undefined || first.at > until) {
      this.at = Math.max(this.at, until)
      return false
    }
    this.#takeFirst()
    this.at = first.at
    first.what()
    return true
  }

  #takeFirst(): void {
    const heap = this.#heap
    const last = heap.pop() as Due
    if (heap.length === 0) return
    let i = 0
    for (;;) {
      let below = 2 * i + 1
      if (below >= heap.length) break
      const right = heap[below + 1]
      if (right !== undefined && isBefore(right, heap[below] as Due)) below++
      const other = heap[below] as Due
      if (isBefore(last, other)) break
      heap[i] = other
      i = below
    }
    heap[i] = last
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
