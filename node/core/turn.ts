import {
  type CoordinatorId,
  type FromNode,
  limits,
  type Manifest,
  type Refusal,
} from '@nexapod/specs'
import type { Effect, News } from './effect.ts'
import type { Moment } from './event.ts'
import type { Named, RowName } from './row.ts'
import type { Held, State, Talk } from './state.ts'

/** What a unit gave, and what it was when it did. */
export interface Given {
  readonly held: Held
  readonly stage: Held['stage']
  readonly manifest: Manifest
  readonly salt: Uint8Array
}

/** One step under way: its moment, and the effects that it has come to so far. */
export class Turn {
  readonly state: State
  readonly at: number
  readonly time: number
  readonly #draw: number
  readonly #given: Given[] = []
  readonly #rows: Effect[] = []
  readonly #acts: Effect[] = []
  readonly #said = new Map<number, FromNode[]>()
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(state: State, { at, time, draw }: Moment) {
    this.state = state
    this.at = at
    this.time = time
    this.#draw = draw
  }

  /** What was given in this step is sealed at its end, with one signature for all. */
  sealLater(given: Given): void {
    this.#given.push(given)
  }

  /** What is to be sealed. */
  given(): readonly Given[] {
    return this.#given.splice(0)
  }

  /** Has a row on the disk before anything is said. */
  keep(named: Named): void {
    this.#rows.push({ type: 'keep', ...named })
  }

  /** Has a row off the disk. */
  forget(name: RowName): void {
    this.#rows.push({ type: 'forget', name })
  }

  act(effect: Exclude<Effect, { type: 'keep' | 'forget' | 'send' | 'wake' }>): void {
    this.#acts.push(effect)
  }

  /** Says something on a stream: what is said there in one step is one effect. */
  say(talk: Talk, message: FromNode): void {
    talk.saidAt = this.at
    const messages = this.#said.get(talk.stream)
    if (messages !== undefined) {
      messages.push(message)
      return
    }
    const first = [message]
    this.#said.set(talk.stream, first)
    this.#acts.push({ type: 'send', stream: talk.stream, messages: first })
  }

  tell(news: News): void {
    this.act({ type: 'tell', news })
  }

  /** Whether it is time for something; if not, the shell will be asked to come back then. */
  due(when: number): boolean {
    if (when <= this.at) return true
    this.#wakeAt = Math.min(this.#wakeAt, when)
    return false
  }

  /** When to try again after so many failures: each doubles the pause, half of which is drawn. */
  after(failures: number, leastMs: number = limits.pauseMs): number {
    const grown = Math.min(leastMs * (1 << Math.min(failures, 20)), limits.pauseMsMax)
    const most = Math.max(leastMs, grown)
    return this.at + Math.ceil(most / 2 + (most / 2) * (this.#draw / 2 ** 32))
  }

  /** A whole number below a bound, the same in all of the step. */
  below(bound: number): number {
    return Math.floor((this.#draw / 2 ** 32) * bound)
  }

  /** Tells the owner what was refused of a coordinator. */
  refuse(coordinator: CoordinatorId, refusal: Refusal, key?: string): void {
    const news = { type: 'refused' as const, coordinator, refusal }
    this.tell(key === undefined ? news : { ...news, key })
  }

  /** How much has come of it so far: a pass that adds nothing is the last. */
  get size(): number {
    return this.#rows.length + this.#acts.length + sum(this.#said.values())
  }

  /** Begins a pass over all that may be due. */
  again(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY
  }

  /** All effects in their order: rows first, so that nothing is said that a crash could take. */
  end(): readonly Effect[] {
    const { state } = this
    const wake = this.#wakeAt
    if (wake !== state.wakeAt && wake < Number.POSITIVE_INFINITY) {
      this.#acts.push({ type: 'wake', at: wake })
    }
    state.wakeAt = wake
    return [...this.#rows, ...this.#acts]
  }
}

function sum(lists: Iterable<readonly unknown[]>): number {
  let length = 0
  for (const list of lists) length += list.length
  return length
}
