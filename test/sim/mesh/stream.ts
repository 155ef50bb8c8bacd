import { decode, encode, type Schema } from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import type { Clock } from './clock.ts'
import { about, between } from './draws.ts'

/** Whoever listens at one end of a stream. */
export interface Ear<In> {
  hear(messages: readonly In[]): void
  /** It broke, or the other end hung up. */
  closed(): void
}

/** What the ends of one stream share. */
interface Road {
  readonly clock: Clock
  readonly chance: Chance
  readonly delayMs: number
}

/** How many messages pass before one of them is written and read as on a wire. */
const checkedOnceIn = 16

/** How long a message takes at most: beyond that, a stream counts as broken. */
const delayMsMax = 8000

/** How long it may take until an end notices that nothing comes any more. */
const unnoticedMsMax = 40_000

/** One end of a stream: ordered and reliable, until it is cut. */
export class End<In, Out> {
  ear: Ear<In> | undefined
  other!: End<Out, In>
  /** Whether whoever is here still speaks and listens. */
  isOpen = true
  readonly #road: Road
  readonly #schema: Schema<In> | undefined
  readonly #coming: { readonly at: number; readonly message: In }[] = []
  #lastAt = 0
  #isCut = false

  constructor(road: Road, schema: Schema<In> | undefined) {
    this.#road = road
    this.#schema = schema
  }

  say(messages: readonly Out[]): void {
    if (this.isOpen) this.other.#arrive(messages)
  }

  /** Ends it from here: what was said before may still arrive, or not. */
  hangUp(): void {
    if (!this.isOpen) return
    this.isOpen = false
    const { chance, delayMs } = this.#road
    const arrives = !chance.once(4)
    if (!arrives) this.other.#isCut = true
    this.other.#notice(about(chance, delayMs))
  }

  /** Cuts it here: what is on its way is lost, and this end finds out after a while. */
  cut(soon: boolean): void {
    if (this.#isCut) return
    this.#isCut = true
    const { chance } = this.#road
    this.#notice(chance.below(soon ? 100 : unnoticedMsMax))
  }

  #notice(ms: number): void {
    const { clock } = this.#road
    clock.after(Math.max(ms, this.#lastAt - clock.at), () => {
      if (!this.isOpen) return
      this.isOpen = false
      this.#isCut = true
      this.ear?.closed()
    })
  }

  #arrive(messages: readonly In[]): void {
    if (this.#isCut) return
    const { clock, chance, delayMs } = this.#road
    const ms = Math.min(about(chance, delayMs), delayMsMax)
    this.#lastAt = Math.max(this.#lastAt, clock.at + ms)
    for (const message of messages) this.#coming.push({ at: this.#lastAt, message })
    clock.after(this.#lastAt - clock.at, () => this.#deliver())
  }

  /** Hands over what has arrived, in pieces that are not those in which it was said. */
  #deliver(): void {
    const { clock, chance } = this.#road
    if (!this.isOpen || this.#isCut) return
    let ready = 0
    while ((this.#coming[ready]?.at ?? Number.POSITIVE_INFINITY) <= clock.at) ready++
    if (ready === 0) return
    const taken = chance.once(8) ? between(chance, 1, ready) : Math.min(ready, 64)
    const messages = this.#coming.splice(0, taken).map(({ message }) => this.#passed(message))
    if (taken < ready) clock.after(chance.below(20), () => this.#deliver())
    this.ear?.hear(messages)
  }

  /** A message as the wire carries it: nothing rides along that it does not. */
  #passed(message: In): In {
    if (this.#schema === undefined || !this.#road.chance.once(checkedOnceIn)) return message
    const read = decode(this.#schema, encode(this.#schema, message))
    if (read.ok) return read.value
    throw new Error(`a message that the wire refuses: ${read.refusal.code} ${read.refusal.detail}`)
  }
}

/** Makes the two ends of a stream: first who dials, then who is dialled. */
export function ends<Up, Down>(
  road: Road,
  up?: Schema<Up>,
  down?: Schema<Down>,
): [End<Down, Up>, End<Up, Down>] {
  const dialler = new End<Down, Up>(road, down)
  const host = new End<Up, Down>(road, up)
  dialler.other = host
  host.other = dialler
  return [dialler, host]
}
