import { untrack } from 'svelte'
import { ask, type Problem } from '../api/ask.ts'
import type { Page } from '../api/shown.ts'
import { base } from './audit.svelte.ts'

/** Items of a page, as many as the coordinator gives at once. */
const pageItems = 100

/** A list that is loaded page by page, as far as somebody looks down it. */
export class List<T> {
  items = $state.raw<readonly T[]>([])
  problem = $state.raw<Problem | undefined>()
  /** Whether the last page is here. */
  isWhole = $state(false)
  #path = ''
  #loaded: readonly T[] = []
  #next: string | undefined
  #gone = new AbortController()
  #loading: Promise<void> | undefined

  /** Call it while a component is made: the list ends with it. `path` may change. */
  constructor(path: () => string) {
    const begun = $derived(path())
    $effect(() => {
      const now = begun
      untrack(() => this.#begin(now))
      return () => this.#gone.abort()
    })
  }

  /** Loads until so many are here, or all. */
  async reach(count: number): Promise<void> {
    const { signal } = this.#gone
    while (this.#loaded.length < count && !this.isWhole && this.problem === undefined) {
      const loading = this.#loading ?? this.#load(signal)
      this.#loading = loading
      await loading
      if (signal.aborted) return
      if (this.#loading === loading) this.#loading = undefined
    }
  }

  /** Loads the first so many anew, and shows the old ones until they are here. */
  again(count: number): void {
    // Whoever asks for that does not ask again because it has come.
    untrack(() => {
      const before = this.items
      this.#begin(this.#path)
      this.items = before
      void this.reach(count)
    })
  }

  #begin(path: string): void {
    this.#gone.abort()
    this.#gone = new AbortController()
    this.#path = path
    this.#next = undefined
    this.#loading = undefined
    this.#loaded = []
    this.items = []
    this.isWhole = false
    this.problem = undefined
    void this.reach(1)
  }

  async #load(signal: AbortSignal): Promise<void> {
    const cursor = this.#next === undefined ? '' : `&cursor=${this.#next}`
    const joint = this.#path.includes('?') ? '&' : '?'
    const path = `${this.#path}${joint}limit=${pageItems}${cursor}`
    const said = await ask<Page<T>>(base, path, signal)
    if (signal.aborted) return
    if (!said.ok) {
      const { retryMs } = said.problem
      // Who asks for much is told to wait, and goes on where it was.
      if (retryMs === undefined) this.problem = said.problem
      else await new Promise((resolve) => setTimeout(resolve, retryMs))
      return
    }
    this.#loaded = [...this.#loaded, ...said.value.items]
    this.items = this.#loaded
    this.#next = said.value.next
    this.isWhole = said.value.next === undefined
  }
}
