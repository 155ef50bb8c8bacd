/** What stands in a heap. */
export interface Ordered {
  /** The least is first. */
  readonly order: number
  /** Decides between equal orders. */
  readonly tie: number
  /** Where it stands in its heap; -1 while it is out. */
  index: number
}

/** What is to be had in its order, and taken out of the middle as well. */
export class Heap<T extends Ordered> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#items[item.index] === item
  }

  add(item: T): void {
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  remove(item: T): void {
    const { index } = item
    const last = this.#items.pop() as T
    item.index = -1
    if (last === item) return
    this.#rise(last, index)
    this.#sink(last, last.index)
  }

  #rise(item: T, from: number): void {
    let at = from
    while (at > 0) {
      const above = this.#items[(at - 1) >> 1] as T
      if (!isBefore(item, above)) break
      this.#put(above, at)
      at = (at - 1) >> 1
    }
    this.#put(item, at)
  }

  #sink(item: T, from: number): void {
    let at = from
    for (let below = 2 * at + 1; below < this.#items.length; below = 2 * at + 1) {
      let child = this.#items[below] as T
      const other = this.#items[below + 1]
      if (other !== undefined && isBefore(other, child)) {
        child = other
        below++
      }
      if (!isBefore(child, item)) break
      this.#put(child, at)
      at = below
    }
    this.#put(item, at)
  }

  #put(item: T, at: number): void {
    this.#items[at] = item
    item.index = at
  }
}

/** Whether one comes before another. */
export function isBefore(a: Ordered, b: Ordered): boolean {
  return a.order === b.order ? a.tie < b.tie : a.order < b.order
}
