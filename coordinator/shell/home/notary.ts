import { openCosigned, stateRoot } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import { throwing, waited } from '@nexapod/mesh'
import {
  type Answer,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  cosignatureDocument,
  open,
  type Refusal,
  refuse,
  reopen,
  type Signed,
  type Signer,
} from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Others } from '../others/others.ts'
import type { Time } from '../time.ts'
import type { Feed } from './feed.ts'
import type { Sequence } from './sequence.ts'

/** How long after an entry it is checkpointed at the latest: nodes and publishers wait for it. */
const checkpointMs = 500
/**
 * The rest after a checkpoint, as a multiple of what it took, since steps wait for it: a quiet
 * coordinator signs within some milliseconds, and a busy one gives a twentieth of its time to it.
 */
const restTimes = 20
/** How often checkpoints are gossiped at most: who has to know each of them is asked or told. */
const gossipMs = 250

/** How long a witness is left alone that could not sign. */
const againMs = 2000
/** How long a checkpoint waits for who was asked about it, before all are asked about another. */
const roundMs = 5000

/** What a witness says that knows of another history. */
const doubts: ReadonlySet<Refusal['code']> = new Set(['proof.false', 'ledger.forked'])

/** What a notary stands on. */
export interface NotaryGround {
  readonly sequence: Pick<Sequence, 'happen' | 'hold' | 'state'>
  readonly feed: Feed<Store>
  readonly signer: Signer
  readonly others: Pick<Others, 'ask' | 'keys' | 'seen'>
  readonly time: Time
  readonly log: Log
  /** Waits until what the verdicts below a size gave is kept, and not for ever. */
  kept(size: number): Promise<void>
  /** A quorum has cosigned so many entries. */
  covered(size: number): void
  /** Tells the mesh of a checkpoint. */
  publish(checkpoint: Signed<Checkpoint>): Promise<unknown>
  /** Whether the chain was forked: then nothing more of it is signed. */
  isFrozen(): boolean
  /** A witness has seen another history, or more: it is asked what that is. */
  doubted(witness: CoordinatorId): Promise<void>
}

/** Signs where the chain stands, has the others witness it, and tells the core what is covered. */
export class Notary implements AsyncDisposable {
  readonly #ground: NotaryGround
  readonly #gone: AbortSignal
  #size = 0
  #isAsked = false
  #making: Promise<void> | undefined
  #isDue = false
  #restsUntil = 0
  #gossipedAt = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined
  #latest: Opened | undefined
  #round: Round | undefined
  /** The witnesses that are asked just now, or left alone. */
  readonly #asking = new Map<CoordinatorId, Promise<void>>()
  /** Which size each witness saw last, as far as it said. */
  readonly #seen = new Map<CoordinatorId, number>()

  constructor(ground: NotaryGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
  }

  /** Asks the witnesses what they have seen, and signs from then on. */
  async begin(): Promise<Answer<unknown>> {
    const { feed, others, signer } = this.#ground
    const { store } = feed
    const seen = await others.seen(store.tip.chain, this.#gone)
    // What a seal has cut off counts no more, whoever saw it; nor does what others have signed.
    const ofThis = seen.filter(({ epoch, coordinator }) => {
      return epoch >= store.tip.epoch && coordinator === signer.id
    })
    const witnessed = await store.gate.witnessed(ofThis)
    if (!witnessed.ok) {
      for (const key of others.keys) await this.#ground.doubted(key)
      return witnessed
    }
    const behind = await store.gate.behind()
    if (!behind.ok) return behind
    if (behind.value !== undefined) {
      const detail = `${behind.value.size} entries were seen, ${store.tip.size} are here`
      return refuse('ledger.behind', { detail })
    }
    this.#isAsked = true
    const latest = await store.gate.latest()
    if (!latest.ok) return latest
    const known = latest.value && reopen(checkpointDocument, latest.value)
    if (latest.value !== undefined && known?.ok) {
      const { size } = known.value
      const cosignatures = await store.gate.cosignatures(size)
      if (!cosignatures.ok) return cosignatures
      this.#size = size
      const opened = { checkpoint: latest.value, cosignatures: cosignatures.value, size }
      feed.stand(opened)
      this.#settle(opened)
    }
    this.grown()
    return witnessed
  }

  /** Entries were written: a checkpoint over them is due soon. */
  grown(): void {
    if (!this.#isAsked || this.#cancel !== undefined || this.#gone.aborted) return
    if (this.#ground.isFrozen()) return
    if (this.#making !== undefined) {
      this.#isDue = true
      return
    }
    const restMs = Math.ceil(this.#restsUntil - this.#ground.time.now())
    const ms = Math.min(checkpointMs, Math.max(1, restMs))
    this.#cancel = this.#ground.time.after(ms, () => {
      this.#cancel = undefined
      if (this.#gone.aborted) return
      this.#making = this.#make()
    })
  }

  /** Signs where the chain stands now, if that was not signed yet. */
  async checkpoint(): Promise<Answer<unknown>> {
    const { sequence, feed, signer, time, publish } = this.#ground
    const { store } = feed
    let size = 0
    const from = time.now()
    const signed = await sequence.hold(async () => {
      ;({ size } = store.tip)
      if (!this.#isAsked) return refuse('ledger.unasked')
      if (this.#ground.isFrozen()) return refuse('ledger.forked')
      const state = stateRoot(sequence.state.ledger.state)
      return await store.gate.checkpoint(signer, { state, time: time.wall() })
    })
    if (signed === undefined) return refuse('ledger.stopped')
    this.#restsUntil = time.now() + restTimes * (time.now() - from)
    if (!signed.ok || size <= this.#size) return signed
    this.#size = size
    const opened = { checkpoint: signed.value, cosignatures: [], size }
    feed.stand(opened)
    this.#settle(opened)
    if (time.now() >= this.#gossipedAt + gossipMs) {
      this.#gossipedAt = time.now()
      await publish(signed.value)
    }
    return signed
  }

  /** Resolves when nothing is signed or asked for any more, after its signal. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel?.()
    await this.#making
    await Promise.all(this.#asking.values())
  }

  async #make(): Promise<void> {
    const made = await this.checkpoint()
    // One that ends, since another goes on with its chain, has nothing to sign any more.
    const isOver = !made.ok && made.refusal.code === 'ledger.stopped'
    if (isOver) this.#ground.log.info({ refusal: made.refusal }, 'not signed')
    else if (!made.ok) this.#ground.log.error({ refusal: made.refusal }, 'not signed')
    this.#making = undefined
    if (!this.#isDue) return
    this.#isDue = false
    this.grown()
  }

  /** Tells the core of what a quorum has signed; else the others are asked to. */
  #settle(opened: Opened): void {
    if (this.#cover(opened)) return
    this.#latest = opened
    this.#look()
  }

  /**
   * Asks each witness that is free. All are asked about one checkpoint until a quorum has signed
   * it, or it is over: were each asked about the newest, those who are slow might sign one each,
   * and none ever have a quorum. Who stands still is not waited for, and joins when it is free.
   */
  #look(): void {
    const { others, time } = this.#ground
    if (this.#latest === undefined || this.#gone.aborted || this.#ground.isFrozen()) return
    if (this.#latest.size !== this.#round?.opened.size && this.#isOver(this.#round)) {
      const [opened, since] = [this.#latest, time.now()]
      this.#round = { opened, since, isCovered: false, pending: 0, asked: new Set() }
    }
    const round = this.#round
    if (round === undefined) return
    for (const key of others.keys) {
      if (this.#asking.has(key) || round.asked.has(key)) continue
      const asking = this.#ask(key, round)
      this.#asking.set(key, asking)
      throwing(asking)
    }
  }

  #isOver(round: Round | undefined): boolean {
    if (round === undefined || round.isCovered || round.pending === 0) return true
    return this.#ground.time.now() >= round.since + roundMs
  }

  /** Has a witness sign; who did not is asked again after a while, unless others were enough. */
  async #ask(key: CoordinatorId, round: Round): Promise<void> {
    round.asked.add(key)
    round.pending++
    const cosignature = await this.#cosignatureOf(key, round.opened)
    round.pending--
    if (cosignature !== undefined) this.#signed(round, cosignature)
    else if (await waited(this.#ground.time, againMs, this.#gone)) {
      if (!round.isCovered) round.asked.delete(key)
    }
    this.#asking.delete(key)
    this.#look()
  }

  #signed(round: Round, cosignature: Signed<Cosignature>): void {
    const { feed } = this.#ground
    const { opened } = round
    if (this.#gone.aborted) return
    round.opened = { ...opened, cosignatures: [...opened.cosignatures, cosignature] }
    if (feed.stood?.size === opened.size) feed.stand(round.opened)
    round.isCovered = this.#cover(round.opened)
  }

  /** Whether a quorum has signed it; then the core is told, once or more. */
  #cover({ checkpoint, cosignatures, size }: Opened): boolean {
    const { sequence } = this.#ground
    const { tip } = sequence.state.ledger.chain
    if (tip === undefined || !openCosigned(tip.governance, checkpoint, cosignatures).ok)
      return false
    this.#ground.covered(size)
    throwing(this.#tell({ checkpoint, cosignatures, size }))
    return true
  }

  /** Nodes let go of outputs when they are told: not before those are kept here. */
  async #tell(covered: Opened): Promise<void> {
    await this.#ground.kept(covered.size)
    if (this.#gone.aborted) return
    this.#ground.sequence.happen({ type: 'cosigned', ...covered })
  }

  async #cosignatureOf(
    key: CoordinatorId,
    { checkpoint, size }: Opened,
  ): Promise<Signed<Cosignature> | undefined> {
    const { others, feed, log } = this.#ground
    const { store } = feed
    for (let tries = 0; tries < 2; tries++) {
      const from = this.#seen.get(key) ?? 0
      const path = from === 0 ? undefined : await store.consistency(from, size)
      if (path?.ok === false) return this.#failed(key, path.refusal)
      const question = { type: 'witness' as const, checkpoint, from, path: path?.value ?? [] }
      const answer = await others.ask(key, question, this.#gone)
      if (!answer.ok) {
        if (doubts.has(answer.refusal.code)) await this.#ground.doubted(key)
        return this.#failed(key, answer.refusal)
      }
      if (answer.value.type === 'behind') {
        this.#seen.set(key, answer.value.size)
        if (answer.value.size <= size) continue
        log.error({ witness: key, ...answer.value }, 'a witness has seen more than is here')
        await this.#ground.doubted(key)
        return undefined
      }
      const { cosignature } = answer.value
      const opened = open(cosignatureDocument, cosignature)
      if (!opened.ok || opened.value.witness !== key || opened.value.size !== size) {
        return this.#failed(key, refuse('chain.checkpoint').refusal)
      }
      const kept = await store.gate.cosigned(cosignature)
      if (!kept.ok) return this.#failed(key, kept.refusal)
      this.#seen.set(key, size)
      return cosignature
    }
    return undefined
  }

  #failed(witness: CoordinatorId, refusal: Refusal): undefined {
    this.#ground.log.warn({ witness, refusal }, 'not cosigned')
    return undefined
  }
}

/** A checkpoint that was opened. */
interface Opened {
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
  readonly size: number
}

/** What all witnesses are asked about, each once it is free. */
interface Round {
  /** With what was signed of it so far. */
  opened: Opened
  readonly since: number
  isCovered: boolean
  /** How many have not answered yet. */
  pending: number
  /** Who need not be asked, since it was and has signed, or may yet, or others were enough. */
  readonly asked: Set<CoordinatorId>
}
