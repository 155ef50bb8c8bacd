import type {
  Beacon,
  ChainId,
  CoordinatorId,
  FromCoordinator,
  FromNode,
  Refusal,
  Signed,
} from '@nexapod/specs'
import { begin } from '../core/begin.ts'
import type { Effect } from '../core/effect.ts'
import type { Event } from '../core/event.ts'
import type { Named } from '../core/row.ts'
import type { Setting, State } from '../core/state.ts'
import { step } from '../core/step.ts'
import { Gathering } from './gathering.ts'
import type { Ground, Line, Outcome } from './ground.ts'
import type { Change } from './journal.ts'

/** What happens, but for its moment, which the shell adds. */
export type Happening = Event extends infer E ? (E extends Event ? Timeless<E> : never) : never

type Timeless<E extends Event> = Omit<E, 'at' | 'time' | 'draw'>
type EffectOf<T extends Effect['type']> = Extract<Effect, { readonly type: T }>
type Rest = Exclude<Effect, EffectOf<'keep' | 'forget'>>

/** Effects that wait for their rows: while there are more, nobody is heard. */
const waitingMax = 1024

/**
 * The shell of a node: brings the core what happens, one event at a time, and performs what it
 * says. Rows are on the disk before anything that was said with them or after them is done.
 */
export class Shell implements AsyncDisposable {
  readonly #ground: Ground
  readonly #state: State
  readonly #lines = new Map<number, Line | 'dialled'>()
  /** What ends the fetch or the execution of a unit. */
  readonly #under = new Map<string, AbortController>()
  readonly #settled = new Set<Promise<void>>()
  /** Units whose verdict is known, until what was kept for them is let go. */
  readonly #decided = new Set<string>()
  readonly #gone = new AbortController()
  readonly #finished = Promise.withResolvers<void>()
  readonly #gathering: Gathering<Happening>
  #changes: Change[] = []
  #rest: Rest[] = []
  #performing: Promise<void> | undefined
  #cancelWake: (() => void) | undefined
  #isDeaf = false

  constructor(ground: Ground, setting: Setting, rows: Iterable<Named>) {
    this.#ground = ground
    this.#gathering = new Gathering(ground.nature, (all) => this.#step(all))
    const { state, effects } = begin(setting, rows, this.#moment())
    this.#state = state
    this.#take(effects)
  }

  /** Settles when the node has finished as it was told to; fails if its disk did. */
  get finished(): Promise<void> {
    return this.#finished.promise
  }

  /** What is known, to be looked at. */
  get state(): State {
    return this.#state
  }

  /** Something happened. */
  happen(happening: Happening): void {
    this.#gathering.takeNow()
    this.#step([happening])
  }

  #step(happenings: readonly Happening[]): void {
    const moment = this.#moment()
    const [first, ...more] = happenings.map((one) => ({ ...moment, ...one }) as Event)
    if (!this.isGone && first !== undefined) this.#take(step(this.#state, first, ...more))
    for (const one of happenings) if (one.type === 'fetched') this.#letGo(one.key)
  }

  /** Whether it is over: nothing that happens is heard any more. */
  get isGone(): boolean {
    return this.#state.finished || this.#gone.signal.aborted
  }

  /** Something beside it that has to go well: if it fails, the node ends. */
  attend(work: Promise<void>): void {
    this.#track(work)
  }

  /** Ends it now, as a kill would: what is on the disk is what it begins with again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    this.#cancelWake?.()
    for (const line of this.#lines.values()) if (line !== 'dialled') line.close()
    for (const ending of this.#under.values()) ending.abort()
    this.#gathering.hurry()
    await this.#performing
    // What ends may have something to let go of, which has to end too.
    while (this.#settled.size > 0) await Promise.all(this.#settled)
  }

  #moment() {
    const { nature } = this.#ground
    return { at: Math.floor(nature.now()), time: nature.time(), draw: nature.draw() }
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'keep') this.#changes.push({ name: effect.name, row: effect.row })
      else if (effect.type === 'forget') this.#changes.push({ name: effect.name })
      else this.#rest.push(effect)
      if (effect.type === 'tell' && effect.news.type === 'decided')
        this.#decided.add(effect.news.key)
    }
    this.#listen()
    this.#performing ??= this.#perform()
  }

  /** Rows of several steps are synced at once; then what those steps said is done in its order. */
  async #perform(): Promise<void> {
    try {
      // What happens in one tick is written at once.
      await Promise.resolve()
      while (this.#changes.length + this.#rest.length > 0) {
        const [changes, rest] = [this.#changes, this.#rest]
        this.#changes = []
        this.#rest = []
        if (changes.length > 0) await this.#ground.rows.write(changes)
        for (const { name, row } of changes) if (row === undefined) this.#letGo(keyIn(name))
        for (const effect of rest) this.#do(effect)
        this.#listen()
      }
      this.#performing = undefined
    } catch (cause) {
      // What could not be kept must not be said, and what was not said is not known to be kept.
      this.#gone.abort()
      this.#finished.reject(cause)
    }
  }

  /** Hears nobody while too much waits for the disk. */
  #listen(): void {
    const isDeaf = this.#changes.length + this.#rest.length > waitingMax
    if (isDeaf === this.#isDeaf) return
    this.#isDeaf = isDeaf
    for (const line of this.#lines.values()) {
      if (line === 'dialled') continue
      if (isDeaf) line.pause()
      else line.resume()
    }
  }

  #do(effect: Rest): void {
    if (this.#gone.signal.aborted) return
    switch (effect.type) {
      case 'dial':
        this.#track(this.#dial(effect.stream, effect.coordinator))
        break
      case 'seek':
        this.#track(this.#seek(effect.chain))
        break
      case 'hangUp':
        this.#hangUp(effect.stream, effect.refusal)
        break
      case 'send':
        this.#send(effect.stream, effect.messages)
        break
      case 'fetch':
        this.#track(this.#fetch(effect))
        break
      case 'execute':
        this.#track(this.#execute(effect))
        break
      case 'freeze':
      case 'thaw':
        this.#ground.workshop.freeze(effect.key, effect.type === 'freeze')
        break
      case 'kill':
        this.#under.get(effect.key)?.abort()
        break
      case 'pace':
        this.#ground.workshop.pace(effect.cpuPercent)
        break
      case 'wake':
        this.#wake(effect.at)
        break
      case 'tell':
        this.#ground.tell(effect.news)
        break
      case 'finished':
        this.#finished.resolve()
    }
  }

  /** Of a unit that is neither held nor has a receipt, nothing has to be kept. */
  #letGo(key: string | undefined): void {
    if (key === undefined) return
    const { held, kept } = this.#state
    if (held.has(key) || kept.has(key) || this.#under.has(key)) return
    this.#track(this.#ground.workshop.release(key, this.#decided.delete(key)))
  }

  async #dial(stream: number, coordinator: CoordinatorId): Promise<void> {
    this.#lines.set(stream, 'dialled')
    const dialled = await this.#ground.road.dial(coordinator, this.#gone.signal)
    const isWanted = this.#lines.has(stream) && !this.#gone.signal.aborted
    if (!dialled.ok) {
      if (isWanted) this.#closed(stream)
      return
    }
    const line = dialled.value
    if (!isWanted) {
      line.close()
      return
    }
    this.#lines.set(stream, line)
    line.listen({
      heard: (messages: readonly FromCoordinator[]) => {
        if (this.#lines.has(stream)) this.happen({ type: 'heard', stream, messages })
      },
      drained: () => {},
      ended: () => line.close(),
      closed: () => this.#closed(stream),
    })
    if (this.#isDeaf) line.pause()
    this.happen({ type: 'opened', stream })
  }

  async #seek(chain: ChainId): Promise<void> {
    const found = (beacon: Signed<Beacon>) => this.happen({ type: 'beacon', beacon })
    await this.#ground.road.seek(chain, found, this.#gone.signal)
  }

  #closed(stream: number): void {
    if (this.#lines.delete(stream)) this.happen({ type: 'closed', stream })
  }

  #hangUp(stream: number, refusal: Refusal | undefined): void {
    const line = this.#lines.get(stream)
    this.#lines.delete(stream)
    if (line === undefined || line === 'dialled') return
    if (refusal === undefined) line.close()
    else line.refuse(refusal)
  }

  /** A line that takes no more is no line: what it did not take is said again on the next. */
  #send(stream: number, messages: readonly FromNode[]): void {
    const line = this.#lines.get(stream)
    if (line === undefined || line === 'dialled') return
    const said = line.say(messages)
    if (said.ok) return
    line.refuse(said.refusal)
    this.#closed(stream)
  }

  async #fetch({ key, job, unit }: EffectOf<'fetch'>): Promise<void> {
    const signal = this.#begin(key)
    const there = await this.#ground.workshop.fetch({ key, job, unit }, signal)
    this.#under.delete(key)
    this.#gathering.add({ type: 'fetched', key, there: there && !signal.aborted })
  }

  async #execute({ type: _, ...execution }: EffectOf<'execute'>): Promise<void> {
    const { key } = execution
    const signal = this.#begin(key)
    const ran = () => this.#gathering.add({ type: 'ran', key })
    const outcome: Outcome = await this.#ground.workshop.execute(execution, signal, ran)
    this.#under.delete(key)
    const salt = this.#ground.nature.salt()
    const ended = outcome.type === 'result' ? { ...outcome, salt } : outcome
    const ending = this.#gathering.end({ type: 'executed', key, ended })
    if (this.#under.size === 0) this.#gathering.hurry()
    await ending
    this.#letGo(key)
  }

  #begin(key: string): AbortSignal {
    const ending = new AbortController()
    this.#under.set(key, ending)
    return AbortSignal.any([ending.signal, this.#gone.signal])
  }

  #wake(at: number): void {
    this.#cancelWake?.()
    const { nature } = this.#ground
    this.#cancelWake = nature.after(Math.max(0, at - nature.now()), () => {
      this.happen({ type: 'tick' })
    })
  }

  /** Something under way: what it throws is a mistake of ours, and ends the node. */
  #track(work: Promise<void>): void {
    const settled = work.then(
      () => {
        this.#settled.delete(settled)
      },
      (cause) => {
        this.#settled.delete(settled)
        this.#gone.abort()
        this.#finished.reject(cause)
      },
    )
    this.#settled.add(settled)
  }
}

/** The key of the unit whose lease or receipt a row is. */
function keyIn(name: string): string | undefined {
  return /^(?:lease|receipt)\/(.*)$/.exec(name)?.[1]
}
