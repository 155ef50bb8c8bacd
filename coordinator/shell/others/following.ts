import { randomInt } from 'node:crypto'
import { type Channel, follow, Pauses, throwing, waited } from '@nexapod/mesh'
import {
  type Answer,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  decode,
  entrySchema,
  type FromFollower,
  open,
  type Place,
  type Refusal,
  refusalOf,
  refuse,
  type Seal,
  type Signed,
  type ToFollower,
} from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'
import type { Copy } from './copy.ts'
import type { Evidence } from './evidence.ts'
import type { Others } from './others.ts'

/** Another way is not looked for more often than this. */
const turnMs = 1000
/** A copy of another history goes back by so many entries first, and then by so many times more. */
const backEntries = 64
const backTimes = 8

/** Which epoch was ended, and where. */
type End = Pick<Seal, 'epoch' | 'size' | 'head'>

type Shown = ToFollower & { readonly type: 'checkpoint' }

/** What following stands on. */
export interface FollowingGround {
  readonly others: Pick<Others, 'keys' | 'open'>
  readonly evidence: Pick<Evidence, 'heard' | 'inquire' | 'doubted'>
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
  /** The history that counts, until it is here; and the epoch, if a seal says so. */
  #sought: (Place & Partial<End>) | undefined
  /** What its writer has signed there. */
  #shown: Shown | undefined
  #back = 0
  /** The last end of an epoch that is known, and the same once the history below it is here. */
  #ended: End | undefined
  #settled: End | undefined

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
  seal({ epoch, size, head, successor }: End & Pick<Seal, 'successor'>): void {
    // Who is in a later one has that seal in its copy.
    if (this.hasEnded(epoch) || (this.copy.tip?.epoch ?? 0) > epoch) return
    this.#ended = { epoch, size, head }
    this.#writer = successor
    this.#seek(this.#ended)
  }

  /** Whether a seal is known that has ended an epoch. */
  hasEnded(epoch: number): boolean {
    return this.#ended !== undefined && epoch <= this.#ended.epoch
  }

  /**
   * Waits until the history that has this place is here and found true. If it was forked, that
   * takes the place of another, as soon as somebody shows that its writer has signed it.
   */
  async reach(place: Place, isForked: () => boolean, until: AbortSignal): Promise<boolean> {
    const { copy } = this
    const { size, head } = place
    for (;;) {
      const { change } = copy.feed
      if (copy.trueSize >= size && (await copy.feed.has(place))) return true
      const sought = this.#sought
      const isAnother = sought?.size !== size || sought.head !== head
      if (!isForked()) {
        if (copy.trueSize >= size) return false
      } else if (isAnother && !this.hasEnded(copy.tip?.epoch ?? 0)) this.#seek({ size, head })
      if (until.aborted) return false
      await copy.feed.news(until, change)
    }
  }

  /** Whether of several histories this is the one that counts: a seal has ended its epoch. */
  get isSettled(): boolean {
    return this.#settled !== undefined && this.#settled.epoch === this.copy.tip?.epoch
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
      const cut = await this.#soughtStill()
      const signal = AbortSignal.any([this.#gone, this.#turn.signal])
      const ended = await follow(
        chain,
        // Where another history is longer than the one that is sought, it is found not to fit.
        Math.min(this.copy.size, (cut?.size ?? Number.POSITIVE_INFINITY) - 1),
        {
          ...{ clock: time, draw },
          ...(cut === undefined ? {} : { cut }),
          dial: (until) => this.#dial(until),
          take: (messages) => this.#take(messages),
        },
        signal,
      )
      if (ended === undefined || (await this.#turnsBack(ended))) continue
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
    const refusal = await this.#taken(messages)
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

  async #taken(messages: readonly ToFollower[]): Promise<Refusal | undefined> {
    const end = this.#endIn(messages)
    if (end === undefined) return await this.#takenAll(messages)
    const refusal = end === 0 ? undefined : await this.#takenAll(messages.slice(0, end))
    return refusal ?? refusalOf('ledger.sealed')
  }

  /** Where in what is sent that begins which a seal does not count: its writer may not know yet. */
  #endIn(messages: readonly ToFollower[]): number | undefined {
    const ended = this.#ended
    const { tip } = this.copy
    if (ended === undefined || (tip !== undefined && tip.epoch > ended.epoch)) return undefined
    for (const [at, message] of messages.entries()) {
      if (message.type !== 'entry' || message.seq < ended.size) continue
      const first = decode(entrySchema, message.entry)
      return first.ok && first.value.epoch <= ended.epoch ? at : undefined
    }
    return undefined
  }

  async #takenAll(messages: readonly ToFollower[]): Promise<Refusal | undefined> {
    const { copy } = this
    const sought = this.#sought
    if (sought === undefined) return await copy.take(messages)
    const [first] = messages
    const isShown = first?.type === 'checkpoint' && this.#isOf(first.checkpoint, sought)
    if (isShown) this.#shown = first
    const refusal = await copy.take(isShown ? messages.slice(1) : messages)
    if (refusal !== undefined || copy.size < sought.size) return refusal
    this.#turn.abort()
    const isSealed = sought.epoch !== undefined
    return isSealed || !this.#shown ? undefined : await copy.take([this.#shown])
  }

  #isOf(checkpoint: Signed<Checkpoint>, { size, head }: Place): boolean {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok) return false
    const { chain, coordinator } = opened.value
    const writer = this.copy.tip?.coordinator ?? coordinator
    const isOfIt = chain === this.copy.chain && coordinator === writer
    return isOfIt && opened.value.size === size && opened.value.head === head
  }

  #seek(sought: Place & Partial<End>): void {
    this.#sought = sought
    this.#shown = undefined
    this.#back = 0
    this.#tries = 0
    this.copy.seek(sought)
    this.#turn.abort()
  }

  /** The history that is sought, if it is not here yet. What a seal does not count goes. */
  async #soughtStill(): Promise<Place | undefined> {
    const { copy } = this
    const sought = this.#sought
    if (sought === undefined) return undefined
    const { size, head, epoch } = sought
    const mayBeHere = epoch !== undefined || copy.trueSize >= size
    const isHere = mayBeHere && (await copy.feed.has({ size, head }))
    // Another was sought meanwhile.
    if (this.#sought !== sought) return await this.#soughtStill()
    if (!isHere) return { size, head }
    this.#sought = undefined
    copy.seek(undefined)
    if (epoch === undefined) return undefined
    this.#settled = { epoch, size, head }
    // Who goes on is followed already, perhaps, and what it wrote was cosigned here.
    if (copy.size > size && (copy.tip?.epoch ?? 0) <= epoch) await this.#cut(size)
    return undefined
  }

  /** Whether the copy was of another history than the one that counts, and went back. */
  async #turnsBack({ code }: Refusal): Promise<boolean> {
    const { copy } = this
    const sought = this.#sought
    if (code !== 'chain.link' || sought === undefined || copy.size === 0) return false
    if (sought.epoch === undefined && this.#shown === undefined) return false
    this.#back = Math.max(backEntries, this.#back * backTimes)
    await this.#cut(Math.max(0, Math.min(copy.size, sought.size) - this.#back))
    // At whoever has it.
    this.#tries--
    return true
  }

  async #cut(size: number): Promise<void> {
    const { copy } = this
    const { log } = this.#ground
    const from = copy.size
    const isCut = await copy.cutBack(size)
    if (isCut.ok) log.warn({ chain: copy.chain, from, to: copy.size }, 'cut back')
    else log.error({ chain: copy.chain, refusal: isCut.refusal }, 'not cut back')
  }

  async #mend(refusal: Refusal): Promise<void> {
    const { copy } = this
    const { evidence } = this.#ground
    const isForked = refusal.code === 'ledger.forked'
    // Whoever is away may not answer for long.
    if (isForked) throwing(evidence.inquire(copy.chain))
    // Who has less than is here may have another history, and who says that there are two a proof.
    const mayProve = isForked || refusal.code === 'ledger.unknown'
    if (mayProve && this.#source) await evidence.doubted(copy.chain, this.#source)
    // What a seal counts a quorum has signed, also where it has cut off each checkpoint of it.
    const settled = this.#settled
    const firm = settled && (await copy.feed.has(settled)) ? settled.size : 0
    const sure = Math.max(copy.trueSize, firm)
    if (copy.stopped === undefined && copy.size <= sure) return
    await this.#cut(sure)
  }
}
