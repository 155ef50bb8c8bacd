import type { Needs } from '../match/needs.ts'
import { type Begun, rankOf } from './job.ts'
import type { Entrant, Found, Search } from './search.ts'

/** Places in the list that may be empty before it is made anew, beside as many as are taken. */
const emptyMin = 16

/**
 * Units of one class and level that were begun and need more slots, the one that came first in
 * front. A node may not get a unit that its owner has a part in. Such a unit stays barred for that
 * owner as long as it is in the list, so each owner passes it once: the list remembers how far
 * everything is barred for whom. So one owner who begins a million units looks at none of them
 * again.
 */
export class Waiting implements Entrant {
  readonly needs: Needs
  readonly level: number
  readonly kept: boolean
  readonly tie: number
  slot = -1
  #list: Begun[] = []
  #head = 0
  #size = 0
  #barred: Map<string, number> | undefined

  constructor(needs: Needs, level: number, kept: boolean, tie: number) {
    this.needs = needs
    this.level = level
    this.kept = kept
    this.tie = tie
  }

  get open(): boolean {
    return this.#size > 0
  }

  get rank(): number {
    return rankOf(this.level, this.#list[this.#head]?.seq ?? 0)
  }

  add(begun: Begun): void {
    this.#list.push(begun)
    this.#size++
  }

  remove(begun: Begun): void {
    begun.gone = true
    this.#size--
    while (this.#list[this.#head]?.gone) this.#head++
    if (this.#list.length > 2 * this.#size + emptyMin) this.#close()
  }

  find(search: Search): Found | undefined {
    if (this.kept && !search.asker.swift) {
      search.refuse('tail')
      return undefined
    }
    const begun = this.#firstFor(search.asker.apart)
    if (begun === undefined) {
      search.refuse('apart')
      return undefined
    }
    return { job: begun.job, begun }
  }

  #firstFor(apart: readonly string[]): Begun | undefined {
    const first = this.#list[this.#head]
    if (first === undefined || isFor(apart, first)) return first
    const asker = apart.join(' ')
    this.#barred ??= new Map()
    let at = this.#from(this.#barred.get(asker) ?? 0)
    let begun = this.#list[at]
    while (begun !== undefined && !isFor(apart, begun)) begun = this.#list[++at]
    const last = this.#list.at(-1) as Begun
    this.#barred.set(asker, begun?.seq ?? last.seq + 1)
    return begun
  }

  /** Where those begin that came at `seq` or later. */
  #from(seq: number): number {
    let low = this.#head
    let high = this.#list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#list[middle] as Begun).seq < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Closes the gaps of those who left, and forgets who was barred from those alone. */
  #close(): void {
    this.#list = this.#list.filter((begun) => !begun.gone)
    this.#head = 0
    const from = this.#list[0]?.seq ?? Number.POSITIVE_INFINITY
    for (const [asker, seq] of this.#barred ?? []) if (seq <= from) this.#barred?.delete(asker)
  }
}

function isFor(apart: readonly string[], { gone, held }: Begun): boolean {
  return !gone && !apart.some((one) => held.includes(one))
}
