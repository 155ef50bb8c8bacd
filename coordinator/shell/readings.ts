import type { Reading } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Beacon,
  type ChainId,
  type JobId,
  jobDocument,
  limits,
  type Place,
  type Question,
  type Refusal,
  refusalOf,
  refuse,
  reopen,
  requestDocument,
  type Signed,
} from '@nexapod/specs'
import { type Chains, moving } from './chains.ts'
import type { Feed } from './home/feed.ts'
import { CatchUp } from './others/catch-up.ts'
import type { Forks } from './others/forks.ts'
import type { Time } from './time.ts'

/** Cosigns checkpoints of other chains. */
export interface Cosigner {
  /** Whether a seal has ended the epoch of a chain, and what counts of that is here. */
  isSettled(chain: ChainId): boolean
  cosign(
    asked: Question & { readonly type: 'witness' },
    signal: AbortSignal,
  ): Promise<Answer<AnswerMessage>>
}

/** What readings stand on. */
export interface ReadingsGround {
  /** The chain with this id, if it is written or followed here; one that is being opened is. */
  feedOf(chain: ChainId): Promise<Feed | undefined>
  /** The proofs of forks that are known. */
  readonly forks: Pick<Forks, 'of' | 'isFrozen'>
  /** Where it is known whether one that is here is on its way. */
  readonly chains: Pick<Chains, 'isMoving'>
  /** Whether it is written here. */
  isWritten(chain: ChainId): boolean
  /** A sign of life for each chain that is written here. */
  beacons(): readonly Signed<Beacon>[]
  readonly cosigner: Cosigner
  /** What is asked of the line of changes. */
  readonly line: { answer(question: Question): Answer<AnswerMessage> | undefined }
  readonly time: Time
}

/** Answers what is read of chains, whoever writes them, and changes none. */
export class Readings {
  readonly #ground: ReadingsGround
  readonly #catchUp: CatchUp

  constructor(ground: ReadingsGround) {
    this.#ground = ground
    this.#catchUp = new CatchUp(ground.time)
  }

  /** The answer to a question of that kind; none to another. */
  async answer(question: Question, signal: AbortSignal): Promise<AnswerMessage | undefined> {
    switch (question.type) {
      case 'beacons':
        return { type: 'beacons', beacons: this.#ground.beacons().slice(0, limits.rosterMax) }
      case 'stand':
        return said(await this.#stand(question.chain))
      case 'prove':
        return said(await this.#prove(question))
      case 'extend':
        return said(await this.#extend(question))
      case 'witness':
        return said(await this.#ground.cosigner.cosign(question, signal))
      case 'fork':
        return said(this.#fork(question.chain))
      default: {
        const answer = this.#ground.line.answer(question)
        return answer && said(answer)
      }
    }
  }

  /**
   * Opens a chain for a follower. Who names a cut knows which of several histories it wants: that
   * is shown also where the chain was forked, to those who have to end its epoch.
   */
  async open(
    chain: ChainId,
    from: number,
    ahead: boolean,
    cut: Place | undefined,
  ): Promise<Answer<Reading>> {
    const feed = cut === undefined ? await this.#feedOf(chain) : await this.#anyOf(chain)
    if (!feed.ok) return feed
    // Of another's chain nothing is shown that was not checked.
    const isAhead = ahead && this.#ground.isWritten(chain)
    const reading =
      cut === undefined
        ? feed.value.open(chain, from, isAhead)
        : await feed.value.openTo(chain, from, cut)
    if (!reading.ok) return reading
    let at = from
    return accept({
      next: async (entriesMax, signal) => {
        const isBehind = (feed.value.stood?.size ?? 0) - at > limits.followAheadMax
        if (isBehind && !(await this.#catchUp.turn(signal))) return []
        const frozen = this.#frozen(feed.value)
        if (frozen !== undefined && cut === undefined) return [{ type: 'refuse', refusal: frozen }]
        const news = await reading.value.next(entriesMax, signal)
        at += news.filter(({ type }) => type === 'entry').length
        if (isBehind) this.#catchUp.give(news)
        return news
      },
      [Symbol.dispose]: () => reading.value[Symbol.dispose](),
    })
  }

  async #feedOf(chain: ChainId): Promise<Answer<Feed>> {
    const feed = await this.#anyOf(chain)
    if (!feed.ok) return feed
    const frozen = this.#frozen(feed.value)
    return frozen === undefined ? feed : { ok: false, refusal: frozen }
  }

  async #anyOf(chain: ChainId): Promise<Answer<Feed>> {
    const { feedOf, chains } = this.#ground
    const feed = await feedOf(chain)
    if (feed !== undefined) return accept(feed)
    // Who asks what was seen of it here would take that nothing is known for an answer.
    return chains.isMoving(chain) ? refuse('wire.cut', { detail: moving }) : unknown(chain)
  }

  /** Why a chain is shown to nobody, if so: until a seal has ended the epoch that was forked. */
  #frozen({ store: { tip } }: Feed): Refusal | undefined {
    const { forks, cosigner } = this.#ground
    const isFrozen = forks.isFrozen(tip.chain, tip.epoch) && !cosigner.isSettled(tip.chain)
    return isFrozen ? refusalOf('ledger.forked') : undefined
  }

  #fork(chain: ChainId): Answer<AnswerMessage> {
    const known = this.#ground.forks.of(chain)
    return known === undefined ? unknown(chain) : accept({ type: 'fork', fork: known.fork })
  }

  async #stand(chain: ChainId): Promise<Answer<AnswerMessage>> {
    const feed = await this.#feedOf(chain)
    if (!feed.ok) return feed
    const { stood } = feed.value
    if (stood === undefined) return unknown(chain)
    const { checkpoint, cosignatures } = stood
    return accept({ type: 'stand', checkpoint, cosignatures })
  }

  async #prove({ chain, size, seq }: Question & { type: 'prove' }): Promise<Answer<AnswerMessage>> {
    const feed = await this.#feedOf(chain)
    if (!feed.ok) return feed
    const { value: read } = feed
    // Between the two it could be cut, and go on otherwise.
    return await read.read(async () => {
      const path = await read.store.inclusion(seq, size)
      if (!path.ok) return path
      const entry = await read.store.entry(seq)
      return entry.ok ? accept({ type: 'proof', entry: entry.value, path: path.value }) : entry
    })
  }

  async #extend({
    chain,
    size,
    from,
  }: Question & { type: 'extend' }): Promise<Answer<AnswerMessage>> {
    const feed = await this.#feedOf(chain)
    if (!feed.ok) return feed
    const { value: read } = feed
    const path = await read.read(() => read.store.consistency(from, size))
    return path.ok ? accept({ type: 'extension', path: path.value }) : path
  }
}

/** The chain that a question is put to, or the job that it is about. */
export function concern(question: Question): { readonly chain?: ChainId; readonly job?: JobId } {
  switch (question.type) {
    case 'publish': {
      const job = reopen(jobDocument, question.job)
      return job.ok ? { chain: job.value.home } : {}
    }
    case 'act': {
      const request = reopen(requestDocument, question.request)
      return request.ok ? { chain: request.value.to } : {}
    }
    case 'claim':
      return { chain: question.to }
    case 'beacon':
      return question.chain === undefined ? {} : { chain: question.chain }
    case 'job':
    case 'why':
      return { job: question.job }
    default:
      return {}
  }
}

/** A chain that is not here. */
export function unknown(chain: string): Answer<never> {
  return refuse('ledger.unknown', { detail: `the chain ${chain}` })
}

function said(answer: Answer<AnswerMessage>): AnswerMessage {
  return answer.ok ? answer.value : { type: 'refuse', refusal: answer.refusal }
}
