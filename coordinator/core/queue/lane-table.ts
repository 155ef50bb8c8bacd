import type { Lane } from './lane.ts'
import type { Found, Search } from './search.ts'

/** All lanes, each in a place of its own: who has looked at some of them can go on from there. */
export class LaneTable {
  readonly #lanes: (Lane | undefined)[] = []
  readonly #free: number[] = []

  add(lane: Lane): void {
    lane.slot = this.#free.pop() ?? this.#lanes.length
    this.#lanes[lane.slot] = lane
  }

  remove(lane: Lane): void {
    this.#lanes[lane.slot] = undefined
    this.#free.push(lane.slot)
  }

  *[Symbol.iterator](): Generator<Lane> {
    for (const lane of this.#lanes) if (lane !== undefined) yield lane
  }

  /** Looks from a mark on until something is found or the search is spent; gives the next mark. */
  sweep(search: Search, mark: number): { found: Found | undefined; mark: number | undefined } {
    const count = this.#lanes.length
    for (let looked = 0; looked < count; looked++) {
      const at = (mark + looked) % count
      if (!search.spend()) return { found: undefined, mark: at }
      const found = this.#lanes[at]?.find(search)
      if (found !== undefined) return { found, mark: at }
    }
    return { found: undefined, mark: undefined }
  }
}
