import { type Answer, accept, limits, type Refusal } from '@nexapod/specs'
import type { Effect } from '../../core/effect.ts'
import type { Event } from '../../core/event.ts'
import type { State } from '../../core/state.ts'
import { step } from '../../core/step.ts'
import { momentOf, type Time } from '../time.ts'

/** What is to be on the disk before anything else of its step is done. */
export type Append = Effect & { readonly type: 'append' }

/** What is done once that is so. */
export type Act = Exclude<Effect, { readonly type: 'append' | 'wake' }>

/** What a sequence stands on. */
export interface Ground {
  readonly time: Time
  /** Entries that the disk would take now. */
  room(): number
  /** Answers when they are on the disk, in the order in which they were given. */
  append(effect: Append): Promise<Answer<unknown>>
  perform(act: Act): void
  /** A step was taken. */
  stepped(): void
  /** It was full, and is no more. */
  drained(): void
}

/** A step whose effects wait: for its own append, or for a step before it. */
interface Waiting {
  readonly effects: readonly Effect[]
  synced: boolean
  readonly spoken?: (answer: Answer<undefined>) => void
}

/**
 * How many appends may be on their way when a step is taken: one is synced, the other gathers. What
 * comes meanwhile goes into one step, so that the busier the disk, the wider the steps.
 */
const appendingMax = 2

/**
 * All that happens to a coordinator, one after the other: events are stepped together, what a step
 * wrote is synced, and only then is anything said. A sync that fails ends it for good.
 */
export class Sequence {
  readonly state: State
  /** Resolves when it is over: with the reason, unless it was stopped. */
  readonly ended: Promise<Refusal | undefined>
  readonly #ground: Ground
  #inbox: Event[] = []
  /** Messages in the inbox, events without any counting as one. */
  #pending = 0
  #wasFull = false
  readonly #waiting: Waiting[] = []
  #appending = 0
  #holds = 0
  #quiet: (() => void)[] = []
  #isDue = false
  #over: Refusal | 'stopped' | undefined
  #end: (why: Refusal | undefined) => void = () => {}
  #cancelWake: (() => void) | undefined

  constructor(state: State, ground: Ground) {
    this.state = state
    this.#ground = ground
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Does what the beginning came to, which is the first step. */
  begin(effects: readonly Effect[]): void {
    this.#take(effects)
  }

  /** Whether so much waits that whoever can be told to wait has to. */
  get isFull(): boolean {
    return this.#pending >= limits.pendingMessagesMax
  }

  /** Something happened. */
  happen(event: Event): void {
    if (this.#over !== undefined) return
    this.#inbox.push(event)
    this.#pending += weightOf(event)
    if (this.isFull) this.#wasFull = true
    this.#go()
  }

  /** Does something while everything that was written is on the disk, and no step is taken. */
  async hold<T>(act: () => Promise<T>): Promise<T | undefined> {
    this.#holds++
    try {
      while (this.#appending > 0 && this.#over === undefined) {
        await new Promise<void>((resolve) => this.#quiet.push(resolve))
      }
      return this.#over === undefined ? await act() : undefined
    } finally {
      this.#holds--
      this.#go()
    }
  }

  /** Resolves when all that was written until now is on the disk, and what follows was said. */
  synced(): Promise<Answer<undefined>> {
    if (typeof this.#over === 'object') {
      return Promise.resolve({ ok: false, refusal: this.#over })
    }
    if (this.#over === 'stopped') return Promise.resolve(accept(undefined))
    return new Promise((spoken) => {
      this.#waiting.push({ effects: [], synced: true, spoken })
      this.#speak()
    })
  }

  /** It cannot go on. */
  fail(why: Refusal): void {
    this.#finish(why)
  }

  /** Takes no further step. */
  stop(): void {
    this.#finish('stopped')
  }

  /** Sees to it that a step is taken, as soon as the disk has room for what may come of it. */
  #go(): void {
    if (this.#isDue || this.#inbox.length === 0 || !this.#mayStep()) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      if (this.#mayStep()) this.#step()
      this.#go()
    })
  }

  #mayStep(): boolean {
    if (this.#over !== undefined || this.#holds > 0) return false
    return this.#appending < appendingMax && this.#ground.room() >= limits.stepEntriesMax
  }

  #step(): void {
    const events = this.#next()
    this.#take(step(this.state, momentOf(this.#ground.time), events))
    if (!this.#wasFull || this.#pending > limits.pendingMessagesMax / 2) return
    this.#wasFull = false
    this.#ground.drained()
  }

  /** The events of one step: as many as came, up to what one entry after the other can take. */
  #next(): Event[] {
    let count = 0
    let weight = 0
    for (const event of this.#inbox) {
      weight += weightOf(event)
      if (count > 0 && weight > limits.stepMessagesMax) break
      count++
    }
    const events = this.#inbox.splice(0, count)
    for (const event of events) this.#pending -= weightOf(event)
    return events
  }

  #take(effects: readonly Effect[]): void {
    const [first] = effects
    const waiting: Waiting = { effects, synced: first?.type !== 'append' }
    this.#waiting.push(waiting)
    if (first?.type === 'append') void this.#append(first, waiting)
    this.#speak()
    this.#ground.stepped()
  }

  async #append(effect: Append, waiting: Waiting): Promise<void> {
    this.#appending++
    const answer = await this.#ground.append(effect)
    this.#appending--
    if (answer.ok) {
      waiting.synced = true
      this.#speak()
      this.#go()
    } else {
      this.#finish(answer.refusal)
    }
    if (this.#appending > 0) return
    for (const quiet of this.#quiet.splice(0)) quiet()
  }

  /** Performs what waits, up to the first step that is not on the disk yet. */
  #speak(): void {
    while (this.#over === undefined) {
      const [next] = this.#waiting
      if (next === undefined || !next.synced) return
      this.#waiting.shift()
      for (const effect of next.effects) {
        if (effect.type === 'wake') this.#wake(effect.at)
        else if (effect.type !== 'append') this.#ground.perform(effect)
      }
      next.spoken?.(accept(undefined))
    }
  }

  #wake(at: number): void {
    const { time } = this.#ground
    this.#cancelWake?.()
    // Timers go off a little early, and none is wound for more than some weeks.
    const ms = Math.min(Math.max(0, at - Math.floor(time.now())), limits.timerMsMax)
    this.#cancelWake = time.after(ms, () => {
      if (Math.floor(time.now()) < at) this.#wake(at)
      else this.happen({ type: 'tick' })
    })
  }

  #finish(why: Refusal | 'stopped'): void {
    if (this.#over !== undefined) return
    this.#over = why
    this.#cancelWake?.()
    const refusal = why === 'stopped' ? undefined : why
    for (const { spoken } of this.#waiting.splice(0)) {
      spoken?.(refusal === undefined ? accept(undefined) : { ok: false, refusal })
    }
    for (const quiet of this.#quiet.splice(0)) quiet()
    this.#end(refusal)
  }
}

function weightOf(event: Event): number {
  return event.type === 'heard' ? event.messages.length : 1
}
