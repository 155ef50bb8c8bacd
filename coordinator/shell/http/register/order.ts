/** Somebody with a number that decides the place. */
export interface Placed {
  readonly id: string
  value: number
}

/** How many stand in one block: few enough to move them, and enough that blocks are few. */
const blockMax = 512

/**
 * Who stands where by a number, the highest first and between equals the later id: the place of
 * anybody and who stands at a place are found in microseconds, however many there are. Who has
 * nothing has no place.
 */
export class Order {
  readonly #known = new Map<string, Placed>()
  #blocks: Placed[][] = []
  /** How many stand before each block; unknown since somebody came or went. */
  #before: readonly number[] | undefined

  /** How many have a place. */
  get size(): number {
    return this.#known.size
  }

  /** What somebody's number is. */
  of(id: string): number {
    return this.#known.get(id)?.value ?? 0
  }

  /** Somebody has another number now. */
  set(id: string, value: number): void {
    const known = this.#known.get(id)
    if (known !== undefined) {
      if (known.value === value) return
      this.#take(known)
      if (value <= 0) this.#known.delete(id)
    }
    if (value <= 0) return
    const placed = known ?? { id, value }
    placed.value = value
    if (known === undefined) this.#known.set(id, placed)
    this.#put(placed)
  }

  /** The place of somebody, from 1 on; nothing for who has none. */
  placeOf(id: string): number | undefined {
    const known = this.#known.get(id)
    if (known === undefined) return undefined
    const at = this.#blockOf(known)
    return (this.#starts()[at] ?? 0) + within(this.#blocks[at] ?? [], known) + 1
  }

  /** Who stands at a place and behind it. */
  from(place: number, count: number): Placed[] {
    const starts = this.#starts()
    let at = lastAtMost(starts, place - 1)
    const found: Placed[] = []
    for (let skip = place - 1 - (starts[at] ?? 0); found.length < count; skip = 0, at++) {
      const block = this.#blocks[at]
      if (block === undefined) break
      found.push(...block.slice(skip, skip + count - found.length))
    }
    return found
  }

  #put(placed: Placed): void {
    this.#before = undefined
    const at = Math.min(this.#blockOf(placed), this.#blocks.length - 1)
    const block = this.#blocks[at]
    if (block === undefined) {
      this.#blocks.push([placed])
      return
    }
    block.splice(within(block, placed), 0, placed)
    if (block.length > blockMax) this.#blocks.splice(at + 1, 0, block.splice(blockMax / 2))
  }

  #take(placed: Placed): void {
    this.#before = undefined
    const at = this.#blockOf(placed)
    const block = this.#blocks[at]
    block?.splice(within(block, placed), 1)
    if (block?.length === 0) this.#blocks.splice(at, 1)
  }

  /** The block that somebody stands in, or would: the first whose last does not stand before. */
  #blockOf(placed: Placed): number {
    let [low, high] = [0, this.#blocks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const last = this.#blocks[middle]?.at(-1)
      if (last !== undefined && isBefore(last, placed)) low = middle + 1
      else high = middle
    }
    return low
  }

  #starts(): readonly number[] {
    if (this.#before !== undefined) return this.#before
    const starts: number[] = []
    let sum = 0
    for (const block of this.#blocks) {
      starts.push(sum)
      sum += block.length
    }
    this.#before = starts
    return starts
  }
}

function isBefore(a: Placed, b: Placed): boolean {
  return a.value > b.value || (a.value === b.value && a.id > b.id)
}

/** How many of a block stand before somebody. */
function within(block: readonly Placed[], placed: Placed): number {
  let [low, high] = [0, block.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = block[middle]
    if (other !== undefined && isBefore(other, placed)) low = middle + 1
    else high = middle
  }
  return low
}

function lastAtMost(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}
