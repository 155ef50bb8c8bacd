import { least, type Needs } from '../match/needs.ts'
import { Frontier } from './frontier.ts'
import type { Entrant, Found, Search } from './search.ts'

/** Places of a bracket that are kept when nobody is left: it may empty and fill with each lease. */
const keptMax = 16

/**
 * Two entrants and more in the order of their ranks, as a tree of pairs: each inner node knows who
 * wins below it, and the least that anybody below it needs. So a change costs the height of the
 * tree, and a search leaves out whatever has nothing that fits. The least may be less than it has
 * to be after somebody left: that costs looks, never an answer.
 */
export class Bracket<T extends Entrant> {
  #entrants: (T | undefined)[] = []
  #ranks: number[] = []
  #ties: number[] = []
  /** Of each node of the tree, its root at 1: the slot of the winner, or -1. */
  #winners: number[] = []
  #least: (Needs | undefined)[] = []
  #free: number[] = []
  #used = 0
  #size = 0
  #left = 0

  /** The least that any entrant needs; none if there is nobody. */
  get needs(): Needs | undefined {
    return this.#least[1]
  }

  /** Takes in, moves or leaves out an entrant as it is now; whether those above must be told. */
  sync(entrant: T): boolean {
    const was = this.#least[1]
    if (!entrant.open) {
      if (entrant.slot >= 0) this.#remove(entrant)
    } else {
      if (entrant.slot < 0) this.#add(entrant)
      this.#replay(entrant)
      this.#lower(entrant)
    }
    return was !== this.#least[1]
  }

  /** Moves an entrant of which nothing but the rank has changed. */
  move(entrant: T): void {
    if (entrant.slot >= 0) this.#replay(entrant)
  }

  /** The first in the order of ranks that has something for a search. */
  find(search: Search): Found | undefined {
    if (this.#size === 0) return undefined
    const found = this.#visit(1, search)
    // Nearly always the first will do, and nothing else has to be looked at.
    return found !== undefined || this.#size === 1 ? found : this.#findBeyond(search)
  }

  /** Goes on from the winner, always to the best of whom no other has lost to before. */
  #findBeyond(search: Search): Found | undefined {
    const frontier = new Frontier((a, b) => this.#isBefore(a, b))
    for (let node: number | undefined = 1; node !== undefined; node = frontier.pop()) {
      if (!search.may(this.#least[node])) continue
      if (node > 1) {
        if (!search.spend()) return undefined
        const found = this.#visit(node, search)
        if (found !== undefined) return found
      }
      this.#pushLosers(node, frontier)
    }
    return undefined
  }

  /** Asks the winner below a node. */
  #visit(node: number, search: Search): Found | undefined {
    const slot = this.#winners[node] as number
    if (!search.may(this.#least[this.#entrants.length + slot])) return undefined
    return this.#entrants[slot]?.find(search)
  }

  /** Everybody below a node who lost to its winner alone leads a branch beside that one's way. */
  #pushLosers(node: number, frontier: Frontier): void {
    const leaf = this.#entrants.length + (this.#winners[node] as number)
    for (let at = leaf; at > node; at >>= 1) {
      const loser = this.#winners[at ^ 1] as number
      if (loser >= 0) frontier.push(at ^ 1, loser)
    }
  }

  #add(entrant: T): void {
    if (this.#free.length === 0 && this.#used === this.#entrants.length) this.#grow()
    const slot = this.#free.pop() ?? this.#used++
    entrant.slot = slot
    this.#entrants[slot] = entrant
    this.#ties[slot] = entrant.tie
    this.#size++
  }

  #remove(entrant: T): void {
    const { slot } = entrant
    entrant.slot = -1
    this.#size--
    if (this.#size === 0) {
      this.#clear()
      return
    }
    this.#entrants[slot] = undefined
    this.#free.push(slot)
    const capacity = this.#entrants.length
    this.#winners[capacity + slot] = -1
    this.#least[capacity + slot] = undefined
    for (let node = (capacity + slot) >> 1; node >= 1; node >>= 1) {
      if (this.#winners[node] !== slot) break
      this.#winners[node] = this.#better(node)
    }
    // What those who left needed is still in the tree: rare enough to make it anew, all at once.
    if (++this.#left > capacity) this.#tighten()
  }

  /** Decides again whatever the rank of an entrant decides. */
  #replay(entrant: T): void {
    const { slot, rank } = entrant
    const leaf = this.#entrants.length + slot
    if (this.#winners[leaf] === slot && this.#ranks[slot] === rank) return
    this.#ranks[slot] = rank
    this.#winners[leaf] = slot
    for (let node = leaf >> 1; node >= 1; node >>= 1) {
      const was = this.#winners[node]
      const winner = this.#better(node)
      this.#winners[node] = winner
      if (winner === was && winner !== slot) return
    }
  }

  #lower(entrant: T): void {
    const { needs, slot } = entrant
    const leaf = this.#entrants.length + slot
    if (needs === undefined || this.#least[leaf] === needs) return
    this.#least[leaf] = needs
    for (let node = leaf >> 1; node >= 1; node >>= 1) {
      const was = this.#least[node]
      const now = was === undefined ? needs : least(was, needs)
      if (now === was) return
      this.#least[node] = now
    }
  }

  #better(node: number): number {
    const left = this.#winners[2 * node] as number
    const right = this.#winners[2 * node + 1] as number
    if (left < 0) return right
    return right < 0 || this.#isBefore(left, right) ? left : right
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#ranks[a] as number, this.#ranks[b] as number]
    if (first !== second) return first < second
    return (this.#ties[a] as number) < (this.#ties[b] as number)
  }

  #grow(): void {
    const capacity = Math.max(1, 2 * this.#entrants.length)
    const more = capacity - this.#entrants.length
    this.#entrants = this.#entrants.concat(new Array(more).fill(undefined))
    this.#ranks = this.#ranks.concat(new Array(more).fill(0))
    this.#ties = this.#ties.concat(new Array(more).fill(0))
    this.#winners = new Array<number>(2 * capacity).fill(-1)
    for (const [slot, entrant] of this.#entrants.entries()) {
      if (entrant !== undefined) this.#winners[capacity + slot] = slot
    }
    for (let node = capacity - 1; node >= 1; node--) this.#winners[node] = this.#better(node)
    this.#tighten()
  }

  #tighten(): void {
    const capacity = this.#entrants.length
    const all = new Array<Needs | undefined>(2 * capacity).fill(undefined)
    for (const [slot, entrant] of this.#entrants.entries()) all[capacity + slot] = entrant?.needs
    for (let node = capacity - 1; node >= 1; node--) {
      const [left, right] = [all[2 * node], all[2 * node + 1]]
      all[node] = left !== undefined && right !== undefined ? least(left, right) : (left ?? right)
    }
    this.#least = all
    this.#left = 0
  }

  #clear(): void {
    this.#used = 0
    this.#left = 0
    this.#free = []
    if (this.#entrants.length <= keptMax) {
      this.#entrants.fill(undefined)
      this.#winners.fill(-1)
      this.#least.fill(undefined)
      return
    }
    this.#entrants = []
    this.#ranks = []
    this.#ties = []
    this.#winners = []
    this.#least = []
  }
}
