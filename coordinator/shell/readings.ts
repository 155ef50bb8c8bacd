import type { Reading } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  type Beacon,
  type ChainId,
  type JobId,
  jobDocument,
  limits,
  type Question,
  refuse,
  reopen,
  requestDocument,
  type Signed,
} from '@nexapod/specs'
import type { Feed } from './feed.ts'

/** Cosigns checkpoints of other chains. */
export interface Cosigner {
  cosign(
    asked: Question & { readonly type: 'witness' },
    signal: AbortSignal,
  ): Promise<Answer<AnswerMessage>>
}

/** What readings stand on. */
export interface ReadingsGround {
  /** The chain with this id, if it is written or followed here. */
  feedOf(chain: ChainId): Feed | undefined
  /** Whether it is written here. */
  isWritten(chain: ChainId): boolean
  /** A sign of life for each chain that is written here. */
  beacons(): readonly Signed<Beacon>[]
  readonly cosigner: Cosigner
  /** What is asked of the line of changes. */
  readonly line: { answer(question: Question): Answer<AnswerMessage> | undefined }
}

/** Answers what is read of chains, whoever writes them, and changes none. */
export class Readings {
  readonly #ground: ReadingsGround

  constructor(ground: ReadingsGround) {
    this.#ground = ground
  }

  /** The answer to a question of that kind; none to another. */
  async answer(question: Question, signal: AbortSignal): Promise<AnswerMessage | undefined> {
    switch (question.type) {
      case 'beacons':
        return { type: 'beacons', beacons: this.#ground.beacons().slice(0, limits.rosterMax) }
      case 'stand':
        return said(this.#stand(question.chain))
      case 'prove':
        return said(await this.#prove(question))
      case 'extend':
        return said(await this.#extend(question))
      case 'witness':
        return said(await this.#ground.cosigner.cosign(question, signal))
      default: {
        const answer = this.#ground.line.answer(question)
        return answer && said(answer)
      }
    }
  }

  /** Opens a chain for a follower. */
  open(chain: ChainId, from: number, ahead: boolean): Answer<Reading> {
    const feed = this.#ground.feedOf(chain)
    if (feed === undefined) return unknown(chain)
    // Of another's chain nothing is shown that was not checked.
    return feed.open(chain, from, ahead && this.#ground.isWritten(chain))
  }

  #stand(chain: ChainId): Answer<AnswerMessage> {
    const feed = this.#ground.feedOf(chain)
    if (feed?.stood === undefined) return unknown(chain)
    const { checkpoint, cosignatures } = feed.stood
    return { ok: true, value: { type: 'stand', checkpoint, cosignatures } }
  }

  async #prove({ chain, size, seq }: Question & { type: 'prove' }): Promise<Answer<AnswerMessage>> {
    const feed = this.#ground.feedOf(chain)
    if (feed === undefined) return unknown(chain)
    const path = await feed.read(() => feed.store.inclusion(seq, size))
    if (!path.ok) return path
    const entry = await feed.read(() => feed.store.entry(seq))
    if (!entry.ok) return entry
    return { ok: true, value: { type: 'proof', entry: entry.value, path: path.value } }
  }

  async #extend({
    chain,
    size,
    from,
  }: Question & { type: 'extend' }): Promise<Answer<AnswerMessage>> {
    const feed = this.#ground.feedOf(chain)
    if (feed === undefined) return unknown(chain)
    const path = await feed.read(() => feed.store.consistency(from, size))
    return path.ok ? { ok: true, value: { type: 'extension', path: path.value } } : path
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
