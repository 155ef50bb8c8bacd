import type { Answerer } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  type Beacon,
  type ChainId,
  type Checkpoint,
  limits,
  type Question,
  type Refusal,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import type { Deed } from '../../core/event.ts'
import type { Inbox } from './desk.ts'

/** What answers stand on. */
export interface AnswersGround {
  readonly inbox: Inbox
  /** Whether the chain was forked: then nothing is done on it. */
  isFrozen(): boolean
  /** Says whether an entry cannot be lost any more, as soon as that is known. */
  firm(seq: number, say: (isFirm: boolean) => void): void
  /** Whether something may be promised, or else when that is so, or has taken too long. */
  isAsked(): boolean
  asked(): Promise<void>
  /** Why a job waits, or a unit of it. */
  why(asked: Question & { readonly type: 'why' }): Promise<Answer<AnswerMessage>>
  /** Looks whether a checkpoint that somebody brings proves a fork. */
  shown(checkpoint: Signed<Checkpoint>): Promise<void>
  /** The sign of life of this moment, if this is its chain or none is named. */
  beacon(chain: ChainId | undefined): Answer<Signed<Beacon>>
}

const unfirm: AnswerMessage = {
  type: 'refuse',
  refusal: refusalOf('ledger.unasked', { detail: 'no quorum has cosigned it yet: ask again' }),
}

/** Answers what is asked of a chain that is written here: deeds by the core. */
export class Answers {
  readonly #ground: AnswersGround
  readonly #waiting = new Map<number, (answer: AnswerMessage) => void>()
  #numbers = 0
  #closed: Refusal | undefined

  constructor(ground: AnswersGround) {
    this.#ground = ground
  }

  /** The core has answered, and what it did is on the disk. */
  answered(call: number, answer: AnswerMessage): void {
    this.#waiting.get(call)?.(answer)
    this.#waiting.delete(call)
  }

  /** The core takes no further step: whoever waits for it was not heard, and may go elsewhere. */
  close(refusal: Refusal): void {
    this.#closed ??= refusal
    for (const answer of this.#waiting.values()) answer({ type: 'refuse', refusal })
    this.#waiting.clear()
  }

  /** How many wait for the core. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Answers a question: whoever asks may be a stranger. */
  readonly answer: Answerer = async (question) => {
    switch (question.type) {
      case 'publish':
      case 'act':
      case 'delegate':
      case 'revoke':
      case 'order':
      case 'amend':
      case 'job':
        return await this.#deed(question)
      case 'claim':
        // Who has credit of another history may bring what proves that there are two.
        await this.#ground.shown(question.checkpoint)
        return await this.#deed(question)
      case 'beacon':
        return said(this.#beacon(question.chain))
      case 'why':
        return said(await this.#ground.why(question))
      case 'beacons':
      case 'stand':
      case 'prove':
      case 'extend':
      case 'witness':
      case 'changes':
      case 'founding':
      case 'promise':
      case 'seal':
      case 'sealed':
      case 'fork':
        throw new Error(`${question.type} is of no home`)
    }
  }

  async #deed(question: Deed): Promise<AnswerMessage> {
    const { inbox, isFrozen, isAsked, asked } = this.#ground
    // Who asks at a start is not sent away for what takes a moment.
    if (!isAsked()) await asked()
    if (isFrozen()) return { type: 'refuse', refusal: refusalOf('ledger.forked') }
    if (this.#closed !== undefined || inbox.isFull) {
      const refusal = this.#closed ?? refusalOf('wire.full', { retryMs: limits.pauseMs })
      return { type: 'refuse', refusal }
    }
    const call = ++this.#numbers
    return await new Promise((resolve) => {
      // What governs was signed by a quorum before it came.
      const isSigned = question.type === 'amend'
      this.#waiting.set(call, isSigned ? resolve : (answer) => this.#firmly(answer, resolve))
      inbox.happen({ type: 'asked', call, question })
    })
  }

  /** Says that something is done once it cannot be lost any more. */
  #firmly(answer: AnswerMessage, say: (answer: AnswerMessage) => void): void {
    if (answer.type !== 'done' || answer.seq === undefined) say(answer)
    else this.#ground.firm(answer.seq, (isFirm) => say(isFirm ? answer : unfirm))
  }

  #beacon(chain: ChainId | undefined): Answer<AnswerMessage> {
    const beacon = this.#ground.beacon(chain)
    return beacon.ok ? { ok: true, value: { type: 'beacon', beacon: beacon.value } } : beacon
  }
}

function said(answer: Answer<AnswerMessage>): AnswerMessage {
  return answer.ok ? answer.value : { type: 'refuse', refusal: answer.refusal }
}
