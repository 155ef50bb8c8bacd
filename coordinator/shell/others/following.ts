import { randomInt } from 'node:crypto'
import { type Channel, follow, Pauses, waited } from '@nexapod/mesh'
import {
  type Answer,
  type CoordinatorId,
  checkpointDocument,
  type FromFollower,
  open,
  type Refusal,
  refuse,
  type Seal,
  type ToFollower,
} from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'
import type { Copy } from './copy.ts'
import type { Evidence } from './evidence.ts'
import type { Others } from './others.ts'

/** Another way is not looked for more often than this. */
const turnMs = 1000

/** What following stands on. */
export interface FollowingGround {
  readonly others: Pick<Others, 'keys' | 'open'>
  readonly evidence: Pick<Evidence, 'heard' | 'inquire'>
  readonly time: Time
  readonly log: Log
  /** Something came from a member. */
  heard(from: CoordinatorId): void
}

/**
 * Follows one chain into its copy, for good: from who writes it, or else from another member that
 * has it. What turns out not to be what is signed is cut away, and comes again.
 */
export class Following {
  readonly copy: Copy
  /** Resolves when nothing is followed any more, after the signal. */
  readonly ended: Promise<void>
  readonly #ground: FollowingGround
  readonly #gone: AbortSignal
  /** Who writes it, as far as it was said. */
  #writer: CoordinatorId | undefined
  #source: CoordinatorId | undefined
  /** Streams that were tried since the last one that brought anything. */
  #tries = 0
  /** When it last came further, or another way was taken. */
  #movedAt = Number.NEGATIVE_INFINITY
  #turn = new AbortController()
  readonly #stop = new AbortController()
  /** Where a seal has cut it. */
  #sealedAt: number | undefined

  constructor(
    copy: Copy,
    writer: CoordinatorId | undefined,
    ground: FollowingGround,
    gone: AbortSignal,
  ) {
    this.copy = copy
    this.#writer = writer
    this.#ground = ground
    this.#gone = AbortSignal.any([gone, this.#stop.signal])
    this.ended = this.#run()
  }

  /** Somebody says that it writes this chain: it is turned to, if another was followed. */
  meet(writer: CoordinatorId): void {
    this.#writer = writer
    if (this.#source !== writer) this.turn()
  }

  /** An epoch of it was sealed: what is beyond goes, and who goes on is followed. */
  seal({ size, successor }: Pick<Seal, 'size' | 'successor'>): void {
    this.#sealedAt = size
    this.#writer = successor
    this.#turn.abort()
  }

  /** Follows no more; resolves when that is so. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.ended
  }

  /** There is more than is here: if nothing has come for a while, it is asked for anew. */
  turn(): void {
    const { time } = this.#ground
    if (time.now() < this.#movedAt + turnMs) return
    this.#movedAt = time.now()
    this.#tries = 0
    this.#turn.abort()
  }

  async #run(): Promise<void> {
    const { time, log } = this.#ground
    const { chain } = this.copy
    const draw = () => randomInt(2 ** 32)
    const pauses = new Pauses({ clock: time, draw })
    while (!this.#gone.aborted) {
      pauses.begin()
      this.#turn = new AbortController()
      await this.#shorten()
      const signal = AbortSignal.any([this.#gone, this.#turn.signal])
      const ended = await follow(
        chain,
        this.copy.size,
        {
          ...{ clock: time, draw },
          dial: (until) => this.#dial(until),
          take: (messages) => this.#take(messages),
        },
        signal,
      )
      if (ended === undefined) continue
      log.warn({ chain, source: this.#source, refusal: ended }, 'not followed')
      await this.#mend(ended)
      await waited(time, pauses.next(), signal)
    }
  }

  async #dial(signal: AbortSignal): Promise<Answer<Channel<FromFollower, ToFollower>>> {
    const { others } = this.#ground
    const writer = this.#writer ?? this.copy.tip?.coordinator
    const sources = [...others.keys].sort((a, b) => Number(b === writer) - Number(a === writer))
    const source = sources[this.#tries++ % Math.max(1, sources.length)]
    this.#source = source
    if (source === undefined) return refuse('wire.unreachable')
    return await others.open('follow', source, signal)
  }

  async #take(messages: readonly ToFollower[]): Promise<Refusal | undefined> {
    if (this.#source !== undefined) this.#ground.heard(this.#source)
    const before = this.copy.trueSize
    const refusal = await this.copy.take(messages)
    if (this.copy.trueSize > before) {
      this.#movedAt = this.#ground.time.now()
      this.#tries = 0
    }
    if (refusal === undefined) return undefined
    // What does not fit was signed all the same: it may prove a fork.
    for (const message of messages) {
      if (message.type !== 'checkpoint') continue
      const opened = open(checkpointDocument, message.checkpoint)
      if (opened.ok) await this.#ground.evidence.heard(message.checkpoint, opened.value)
    }
    return refusal
  }

  async #shorten(): Promise<void> {
    const { copy } = this
    const size = this.#sealedAt
    this.#sealedAt = undefined
    if (size === undefined || copy.size <= size) return
    const isCut = await copy.cutBack(size)
    if (!isCut.ok) this.#ground.log.error({ chain: copy.chain, refusal: isCut.refusal }, 'not cut')
  }

  async #mend(refusal: Refusal): Promise<void> {
    const { copy } = this
    const { log, evidence } = this.#ground
    if (refusal.code === 'ledger.forked') await evidence.inquire(copy.chain)
    const { size, trueSize } = copy
    if (copy.stopped === undefined && size === trueSize) return
    const isCut = await copy.cutBack()
    if (isCut.ok) log.warn({ chain: copy.chain, from: size, to: copy.size }, 'cut back')
    else log.error({ chain: copy.chain, refusal: isCut.refusal }, 'not cut back')
  }
}
