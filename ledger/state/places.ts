/** What stands at a place, and knows which. */
export interface Placed {
  place: number
}

/** The place of what has none. */
export const noPlace = -1

/** Places, numbered from 0: who comes takes the lowest that is free. */
export class Places<T extends Placed> {
  readonly #taken: (T | undefined)[]
  /** Free places below the end, as a binary heap: the lowest is first. */
  readonly #free: number[] = []

  /** None yet, or those that were given before; what is undefined has left its place. */
  constructor(taken: (T | undefined)[] = []) {
    this.#taken = taken
    for (const [place, one] of taken.entries()) {
      // Ascending numbers are a heap as they are.
      if (one === undefined) this.#free.push(place)
      else one.place = place
    }
  }

  /** How many places were ever given. */
  get end(): number {
    return this.#taken.length
  }

  /** How many places are taken. */
  get count(): number {
    return this.#taken.length - this.#free.length
  }

  /** A copy of all places; undefined where one is free. */
  all(): (T | undefined)[] {
    return this.#taken.slice()
  }

  /** What stands at a place. */
  at(place: number): T | undefined {
    return this.#taken[place]
  }

  /** Gives a place to what has none. */
  take(one: T): void {
    one.place = this.#free.length > 0 ? this.#pop() : this.#taken.length
    this.#taken[one.place] = one
  }

  /** Takes the place of what has one. */
  leave(one: T): void {
    this.#taken[one.place] = undefined
    this.#push(one.place)
    one.place = noPlace
  }

  #push(place: number): void {
    const heap = this.#free
    let at = heap.push(place) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if ((heap[parent] as number) <= place) break
      heap[at] = heap[parent] as number
      at = parent
    }
    heap[at] = place
  }

  #pop(): number {
    const heap = this.#free
    const lowest = heap[0] as number
    const moved = heap.pop() as number
    if (heap.length === 0) return lowest
    let at = 0
    for (let child = 1; child < heap.length; child = at * 2 + 1) {
      const right = heap[child + 1]
      if (right !== undefined && right < (heap[child] as number)) child++
      if ((heap[child] as number) >= moved) break
      heap[at] = heap[child] as number
      at = child
    }
    heap[at] = moved
    return lowest
  }
}

/** Places that are marked, each once. */
export class Marks {
  #isMarked = new Uint8Array(1024)
  #marked: number[] = []

  /** Whether there are any. */
  get some(): boolean {
    return this.#marked.length > 0
  }

  /** Marks a place. */
  add(place: number): void {
    if (place >= this.#isMarked.length) this.#grow(place)
    if (this.#isMarked[place] === 1) return
    this.#isMarked[place] = 1
    this.#marked.push(place)
  }

  /** Gives those that are marked, ascending, and marks none. */
  take(): number[] {
    const marked = this.#marked
    this.#marked = []
    for (const place of marked) this.#isMarked[place] = 0
    return marked.sort((a, b) => a - b)
  }

  #grow(place: number): void {
    const before = this.#isMarked
    this.#isMarked = new Uint8Array(2 * place)
    this.#isMarked.set(before)
  }
}
