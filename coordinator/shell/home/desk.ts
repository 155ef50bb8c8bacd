import type { Caller, Clock, Hearer } from '@nexapod/mesh'
import {
  type Answer,
  type FromCoordinator,
  type FromNode,
  limits,
  type NodeId,
  type Refusal,
  refusalOf,
} from '@nexapod/specs'
import type { Elsewhere, Event } from '../../core/event.ts'

/** What is needed of the stream of a node: a channel of the mesh has it. */
export interface WorkChannel {
  listen(hearer: Hearer<FromNode>): void
  say(messages: readonly FromCoordinator[]): Answer<boolean>
  pause(): void
  resume(): void
  close(): void
  refuse(refusal: Refusal): void
}

/** Where events go. */
export interface Inbox {
  readonly isFull: boolean
  happen(event: Event): void
}

interface End {
  readonly channel: WorkChannel
  readonly node: NodeId
  saidAt: number
  paused: boolean
}

/** The streams of nodes, by their numbers: what they say becomes events, what is said is sent. */
export class Desk {
  readonly #inbox: Inbox
  readonly #clock: Clock
  readonly #ends = new Map<number, End>()
  #numbers = 0
  #cancelLook: () => void = () => {}

  constructor(inbox: Inbox, clock: Clock) {
    this.#inbox = inbox
    this.#clock = clock
    this.#lookSoon()
  }

  /** How many streams there are. */
  get size(): number {
    return this.#ends.size
  }

  /**
   * A node has opened a stream; `elsewhere` is what other chains say of it. Where too much waits,
   * it is told so before anything is taken.
   */
  opened(
    channel: WorkChannel,
    { peer, network }: Caller,
    elsewhere: readonly Elsewhere[] = [],
  ): void {
    if (this.#inbox.isFull) {
      channel.refuse(refusalOf('wire.full', { retryMs: limits.pauseMs }))
      return
    }
    const stream = ++this.#numbers
    const node = peer as string as NodeId
    const end: End = { channel, node, saidAt: this.#clock.now(), paused: false }
    this.#ends.set(stream, end)
    this.#inbox.happen({ type: 'opened', stream, node, network, elsewhere })
    channel.listen({
      heard: (messages) => {
        if (!this.#ends.has(stream)) return
        this.#inbox.happen({ type: 'heard', stream, messages })
        if (!this.#inbox.isFull) return
        end.paused = true
        channel.pause()
      },
      drained: () => {},
      ended: () => channel.close(),
      closed: () => {
        if (this.#ends.delete(stream)) this.#inbox.happen({ type: 'closed', stream })
      },
    })
  }

  /** Says something to a node that is still there. Who does not read what it is told has to go. */
  say(stream: number, messages: readonly FromCoordinator[]): void {
    const end = this.#ends.get(stream)
    if (end === undefined) return
    end.saidAt = this.#clock.now()
    const said = end.channel.say(messages)
    if (!said.ok && said.refusal.code === 'wire.full') end.channel.refuse(said.refusal)
  }

  /** Ends a stream, whatever its state. */
  hangUp(stream: number, refusal?: Refusal): void {
    const end = this.#ends.get(stream)
    if (!this.#ends.delete(stream)) return
    if (refusal === undefined) end?.channel.close()
    else end?.channel.refuse(refusal)
  }

  /** There is room again: goes on reading. */
  resume(): void {
    for (const end of this.#ends.values()) {
      if (!end.paused) continue
      end.paused = false
      end.channel.resume()
    }
  }

  /** Ends all streams; what was said before is still sent, where it can be without waiting. */
  close(refusal: Refusal): void {
    this.#cancelLook()
    for (const stream of [...this.#ends.keys()]) this.hangUp(stream, refusal)
  }

  /** Says that it is there where nothing else was said for a while. */
  #lookSoon(): void {
    const everyMs = limits.renewMs / 4
    this.#cancelLook = this.#clock.after(everyMs, () => {
      const until = this.#clock.now() - limits.renewMs + everyMs
      for (const [stream, { saidAt }] of this.#ends) {
        if (saidAt <= until) this.say(stream, [{ type: 'alive' }])
      }
      this.#lookSoon()
    })
  }
}
