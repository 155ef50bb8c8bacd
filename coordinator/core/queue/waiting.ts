import type { Needs } from '../match/needs.ts'
import { type Kind, rankOfKind, type Wait } from './job.ts'
import type { Entrant, Found, Search } from './search.ts'

/** Places in the list that may be empty before it is made anew, beside as many as are taken. */
const emptyMin = 4
/** Draws until one hits a place that is taken. Half of them are at least, but in a tiny list. */
const drawsMax = 32
/** Places of a long list that are drawn for whoever may be barred from most of it. */
const probesMax = 16
/** Places that are looked through after that, and all of a list that has no more. */
const sweepMax = 64

/**
 * Units of one class that wait for executions of one kind, the one that came first in front. Who
 * asks is given one by chance. A node may not get a unit that its owner has a part in. Such a unit
 * stays barred for that owner as long as it is in the list, so each owner passes it once: the list
 * remembers how far everything is barred for whom. So one owner who begins a million units looks at
 * none of them again.
 */
export class Waiting implements Entrant {
  readonly needs: Needs
  readonly kind: Kind
  readonly tie: number
  slot = -1
  #list: Wait[] = []
  #head = 0
  #size = 0
  #barred: Map<string, number> | undefined

  constructor(needs: Needs, kind: Kind, tie: number) {
    this.needs = needs
    this.kind = kind
    this.tie = tie
  }

  get open(): boolean {
    return this.#size > 0
  }

  /** By the one that has waited longest: a list that is never looked at comes to be the first. */
  get rank(): number {
    return rankOfKind(this.kind, this.#list[this.#head]?.seq ?? 0)
  }

  add(wait: Wait): void {
    this.#list.push(wait)
    this.#size++
  }

  remove(wait: Wait): void {
    wait.gone = true
    this.#size--
    while (this.#list[this.#head]?.gone) this.#head++
    if (this.#list.length > 2 * this.#size + emptyMin) this.#close()
  }

  find(search: Search): Found | undefined {
    if (this.kind.kept && !search.asker.swift) {
      search.refuse('tail')
      return undefined
    }
    const wait = search.sure ? this.#sure(search) : this.#drawn(search)
    return wait && { job: wait.begun.job, wait }
  }

  /** One by chance, if a draw hits one: a short list has blanks, and so has whoever is barred. */
  #drawn(search: Search): Wait | undefined {
    const wait = search.draws(this.#size) ? this.#any(search) : undefined
    if (wait !== undefined && isFor(search.asker.apart, wait)) return wait
    search.passOver()
    return undefined
  }

  #any(search: Search): Wait | undefined {
    for (let i = 0; i < drawsMax; i++) {
      const wait = this.#list[this.#head + search.below(this.#list.length - this.#head)]
      if (!wait?.gone) return wait
    }
    return this.#list[this.#head]
  }

  /** One of those that are not barred for the node, if there is any: by chance, but see below. */
  #sure(search: Search): Wait | undefined {
    const asker = search.asker.apart.join(' ')
    const from = this.#from(this.#barred?.get(asker) ?? 0)
    const isLong = this.#list.length - from > sweepMax
    return (isLong ? this.#probed(search, from) : undefined) ?? this.#swept(search, from, asker)
  }

  #probed(search: Search, from: number): Wait | undefined {
    for (let i = 0; i < probesMax && search.spend(); i++) {
      const wait = this.#list[from + search.below(this.#list.length - from)] as Wait
      if (isFor(search.asker.apart, wait)) return wait
    }
    return undefined
  }

  /** One by chance of what is in the next places, all of a short list; the next ask goes on. */
  #swept(search: Search, from: number, asker: string): Wait | undefined {
    const end = Math.min(from + sweepMax, this.#list.length)
    let at = from
    let passed = from
    let some = 0
    let found: Wait | undefined
    for (; at < end && search.spend(); at++) {
      const wait = this.#list[at] as Wait
      if (isFor(search.asker.apart, wait) && search.below(++some) === some - 1) found = wait
      if (some === 0) passed++
    }
    if (passed > from) this.#pass(asker, this.#list[passed - 1] as Wait)
    if (found === undefined) search.refuse(at < this.#list.length ? 'turn' : 'apart')
    return found
  }

  #pass(asker: string, { seq }: Wait): void {
    this.#barred ??= new Map()
    this.#barred.set(asker, seq + 1)
  }

  /** Where those begin that came at `seq` or later. */
  #from(seq: number): number {
    let low = this.#head
    let high = this.#list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#list[middle] as Wait).seq < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Closes the gaps of those who left, and forgets who was barred from those alone. */
  #close(): void {
    this.#list = this.#list.filter((wait) => !wait.gone)
    this.#head = 0
    const from = this.#list[0]?.seq ?? Number.POSITIVE_INFINITY
    for (const [asker, seq] of this.#barred ?? []) if (seq <= from) this.#barred?.delete(asker)
  }
}

function isFor(apart: readonly string[], { gone, begun }: Wait): boolean {
  return !gone && !apart.some((one) => begun.held.includes(one))
}
