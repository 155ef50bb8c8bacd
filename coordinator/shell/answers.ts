import type { Answerer } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  type Beacon,
  type ChainId,
  limits,
  type Question,
  refusalOf,
  refuse,
  type Signed,
} from '@nexapod/specs'
import type { Deed } from '../core/event.ts'
import type { Inbox } from './desk.ts'
import type { Feed } from './feed.ts'

/** Cosigns checkpoints of other chains. */
export interface Cosigner {
  cosign(
    asked: Question & { readonly type: 'witness' },
    signal: AbortSignal,
  ): Promise<Answer<AnswerMessage>>
}

/** What answers stand on. */
export interface AnswersGround {
  readonly inbox: Inbox
  /** The chain with this id, if it is written or followed here. */
  feedOf(chain: ChainId): Feed | undefined
  readonly cosigner: Cosigner
  /** Why a job waits, or a unit of it. */
  why(asked: Question & { readonly type: 'why' }): Promise<Answer<AnswerMessage>>
  /** The sign of life of this moment, of a chain that is written here. */
  beacon(chain: ChainId | undefined): Answer<Signed<Beacon>>
}

/** Answers questions: deeds by the core, what was written from the disk. */
export class Answers {
  readonly #ground: AnswersGround
  readonly #waiting = new Map<number, (answer: AnswerMessage) => void>()
  #numbers = 0
  #closed = false

  constructor(ground: AnswersGround) {
    this.#ground = ground
  }

  /** The core has answered, and what it did is on the disk. */
  answered(call: number, answer: AnswerMessage): void {
    this.#waiting.get(call)?.(answer)
    this.#waiting.delete(call)
  }

  /** The core takes no further step: whoever waits for it was not heard, and may go elsewhere. */
  close(): void {
    this.#closed = true
    const refusal = refusalOf('wire.closing')
    for (const answer of this.#waiting.values()) answer({ type: 'refuse', refusal })
    this.#waiting.clear()
  }

  /** How many wait for the core. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Answers a question: whoever asks may be a stranger. */
  readonly answer: Answerer = async (question, signal) => {
    switch (question.type) {
      case 'publish':
      case 'act':
      case 'delegate':
      case 'revoke':
      case 'claim':
      case 'job':
        return await this.#deed(question)
      case 'beacon':
        return said(this.#beacon(question.chain))
      case 'why':
        return said(await this.#ground.why(question))
      case 'stand':
        return said(this.#stand(question.chain))
      case 'prove':
        return said(await this.#prove(question))
      case 'extend':
        return said(await this.#extend(question))
      case 'witness':
        return said(await this.#ground.cosigner.cosign(question, signal))
    }
  }

  #deed(question: Deed): Promise<AnswerMessage> {
    const { inbox } = this.#ground
    if (this.#closed || inbox.isFull) {
      const full = refusalOf('wire.full', { retryMs: limits.pauseMs })
      const refusal = this.#closed ? refusalOf('wire.closing') : full
      return Promise.resolve({ type: 'refuse', refusal })
    }
    const call = ++this.#numbers
    return new Promise((resolve) => {
      this.#waiting.set(call, resolve)
      inbox.happen({ type: 'asked', call, question })
    })
  }

  #beacon(chain: ChainId | undefined): Answer<AnswerMessage> {
    const beacon = this.#ground.beacon(chain)
    return beacon.ok ? { ok: true, value: { type: 'beacon', beacon: beacon.value } } : beacon
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

/** A chain that is not here. */
export function unknown(chain: string): Answer<never> {
  return refuse('ledger.unknown', { detail: `the chain ${chain}` })
}

function said(answer: Answer<AnswerMessage>): AnswerMessage {
  return answer.ok ? answer.value : { type: 'refuse', refusal: answer.refusal }
}
