import { untrack } from 'svelte'
import { ask, type Problem } from '../api/ask.ts'
import type { Leader, Leaders } from '../api/shown.ts'
import { base, isKept } from './audit.svelte.ts'

/** Owners of a page, as many as the coordinator gives at once. */
const pageItems = 100

/** How often what is looked at is asked for again. */
const everyMs = 5000

/** All owners of a board in their order, of whom those are here who are looked at. */
export class Board {
  /** As many as there are; nothing in the place of who is not here yet. */
  items = $state.raw<readonly (Leader | undefined)[]>([])
  problem = $state.raw<Problem | undefined>()
  /** Whether an answer is here. */
  isKnown = $state(false)
  #path = ''
  #looked = [0]
  readonly #loading = new Map<number, Promise<void>>()
  #gone = new AbortController()

  /** Call it while a component is made: the board ends with it. `path` may change. */
  constructor(path: () => string) {
    const asked = $derived(path())
    $effect(() => {
      const now = asked
      untrack(() => this.#begin(now))
      const timer = setInterval(() => {
        if (document.visibilityState !== 'visible' || isKept) return
        for (const page of this.#looked) void this.#load(page)
      }, everyMs)
      return () => {
        clearInterval(timer)
        this.#gone.abort()
      }
    })
  }

  /** Somebody looks at so many from one on. */
  look(first: number, count: number): void {
    const pages = []
    const end = Math.min(first + count, this.items.length)
    for (let page = Math.floor(first / pageItems); page * pageItems < end; page++) pages.push(page)
    this.#looked = pages.length > 0 ? pages : [0]
    for (const page of pages) {
      if (this.items[Math.min(page * pageItems, end - 1)] === undefined) void this.#load(page)
    }
  }

  #begin(path: string): void {
    this.#gone.abort()
    this.#gone = new AbortController()
    this.#path = path
    this.#loading.clear()
    this.#looked = [0]
    this.isKnown = false
    this.problem = undefined
    void this.#load(0)
  }

  #load(page: number): Promise<void> {
    const known = this.#loading.get(page)
    if (known !== undefined) return known
    const loading = this.#ask(page, this.#gone.signal).finally(() => {
      if (this.#loading.get(page) === loading) this.#loading.delete(page)
    })
    this.#loading.set(page, loading)
    return loading
  }

  async #ask(page: number, signal: AbortSignal): Promise<void> {
    const path = `${this.#path}&limit=${pageItems}&cursor=${page * pageItems + 1}`
    const said = await ask<Leaders>(base, path, signal)
    if (signal.aborted) return
    if (!said.ok) {
      this.problem = said.problem
      return
    }
    const { items: found, owners } = said.value
    const isSearch = /[?&](q|team)=/.test(this.#path)
    const items = isSearch ? [...found] : this.isKnown ? this.items.slice(0, owners) : []
    if (!isSearch) {
      items.length = owners
      for (const [i, leader] of found.entries()) items[page * pageItems + i] = leader
    }
    this.items = items
    this.isKnown = true
    this.problem = undefined
  }
}
