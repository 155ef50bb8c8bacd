/** Places for keys, numbered from 0: a new key takes the lowest place that is free. */
export class Slots {
  readonly #places = new Map<string, number>()
  readonly #keys: (string | undefined)[] = []
  /** Free places below the highest in use, as a binary heap: the lowest is first. */
  readonly #free: number[] = []
  #end = 0

  get count(): number {
    return this.#places.size
  }

  /** The place of a key. */
  of(key: string): number | undefined {
    return this.#places.get(key)
  }

  /** The key at a place. */
  at(place: number): string | undefined {
    return this.#keys[place]
  }

  /** Gives a key that has none a place. */
  take(key: string): number {
    const place = this.#free.length > 0 ? this.#pop() : this.#end++
    this.#places.set(key, place)
    this.#keys[place] = key
    return place
  }

  /** Takes the place of a key away. */
  free(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    this.#places.delete(key)
    this.#keys[place] = undefined
    this.#push(place)
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
