import type { Needs } from '../match/needs.ts'
import { Heap } from './heap.ts'
import type { Job } from './job.ts'
import type { Entrant, Found, Search } from './search.ts'

/** Jobs of one class with units that were never leased, by priority and then as they came. */
export class Fresh implements Entrant {
  readonly needs: Needs
  readonly kept: boolean
  readonly tie: number
  slot = -1
  readonly #jobs = new Heap<Job>()

  constructor(needs: Needs, kept: boolean, tie: number) {
    this.needs = needs
    this.kept = kept
    this.tie = tie
  }

  get open(): boolean {
    return this.#jobs.size > 0
  }

  get rank(): number {
    return this.#jobs.first?.order ?? 0
  }

  has(job: Job): boolean {
    return this.#jobs.has(job)
  }

  add(job: Job): void {
    this.#jobs.add(job)
  }

  remove(job: Job): void {
    this.#jobs.remove(job)
  }

  find(search: Search): Found | undefined {
    const { first } = this.#jobs
    if (first === undefined) return undefined
    if (this.kept && !search.asker.swift) {
      search.refuse('tail')
      return undefined
    }
    const near = search.near.find((job) => job.priority === first.priority && this.has(job))
    return { job: near ?? first }
  }
}
