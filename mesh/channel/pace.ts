import { type Clock, machineClock } from './clock.ts'

/** Begins what has waited. */
type Go = () => void

/**
 * How fast strangers open what costs this process a piece of its time that nobody can share out: a
 * handshake, a stream. After each of them none begins for a while, so that what they cost together
 * is a part of the time and no more, and what known peers say comes between them. Who is too early
 * waits, and networks take turns: many keys of one network keep out nobody of another.
 */
export class Pace {
  readonly #clock: Clock
  readonly #networks = new Map<string, Set<Go>>()
  #freeAt = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether somebody of this network may begin at once; then nobody does for so long. */
  take(gapMs: number): boolean {
    const now = this.#clock.now()
    if (this.#networks.size > 0 || now < this.#freeAt) return false
    this.#freeAt = now + gapMs
    return true
  }

  /** Waits for its turn, which `go` takes: it says how long nobody begins after it. */
  wait(network: string, go: () => number): () => void {
    const begin = () => {
      this.#freeAt = this.#clock.now() + go()
    }
    const waiting = this.#networks.get(network)
    if (waiting === undefined) this.#networks.set(network, new Set([begin]))
    else waiting.add(begin)
    this.#wind()
    return () => this.#leave(network, begin)
  }

  #leave(network: string, begin: Go): void {
    const waiting = this.#networks.get(network)
    if (waiting === undefined || !waiting.delete(begin)) return
    if (waiting.size === 0) this.#networks.delete(network)
  }

  #wind(): void {
    if (this.#cancel !== undefined || this.#networks.size === 0) return
    const ms = Math.max(0, this.#freeAt - this.#clock.now())
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined
      this.#next()
      this.#wind()
    })
  }

  /** The one that has waited longest, of the network whose last turn is longest ago. */
  #next(): void {
    for (const [network, waiting] of this.#networks) {
      this.#networks.delete(network)
      const [begin] = waiting
      if (begin === undefined) return
      waiting.delete(begin)
      if (waiting.size > 0) this.#networks.set(network, waiting)
      begin()
      return
    }
  }
}

/** One event loop, so one pace for all that is opened to this process. */
export const openings = new Pace(machineClock)
