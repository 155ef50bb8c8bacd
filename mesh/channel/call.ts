import {
  type Answer,
  type AnswerMessage,
  accept,
  limits,
  protocols,
  type Question,
  refusalOf,
  refuse,
} from '@nexapod/specs'
import type { Channel } from './channel.ts'
import type { Clock } from './clock.ts'
import { throwing } from './unawaited.ts'

/** Which answers a question may get, beside a refusal. */
const answers = {
  publish: ['done'],
  act: ['done'],
  delegate: ['done'],
  revoke: ['done'],
  order: ['done'],
  claim: ['done'],
  beacon: ['beacon'],
  beacons: ['beacons'],
  job: ['job'],
  why: ['why'],
  stand: ['stand'],
  prove: ['proof'],
  extend: ['extension'],
  witness: ['cosignature', 'behind'],
  amend: ['done'],
  founding: ['founding'],
  changes: ['changes'],
  promise: ['promised', 'sealed'],
  seal: ['signature', 'sealed'],
  sealed: ['sealed', 'promised'],
  fork: ['fork'],
} as const satisfies Record<Question['type'], readonly AnswerMessage['type'][]>

/** The answers that a question may get. */
export type AnswerTo<Q extends Question> = Extract<
  AnswerMessage,
  { type: (typeof answers)[Q['type']][number] }
>

type CallChannel = Channel<Question, AnswerMessage>

/** What an asker needs. */
export interface AskerGround {
  readonly clock: Clock
  /** Opens a stream to the coordinator that is asked. */
  dial(): Promise<Answer<CallChannel>>
}

interface Waiting {
  readonly question: Question
  /** It was asked once already, on a stream that had ended. */
  again: boolean
  settle(answer: Answer<AnswerMessage>): void
}

/**
 * Asks one coordinator questions over one stream, one after the other: who asks while another
 * waits for an answer waits, too. The stream is opened for a question and kept for the next; if it
 * turns out to have ended meanwhile, the question is asked once more on another.
 */
export class Asker implements AsyncDisposable {
  readonly #ground: AskerGround
  readonly #waiting: Waiting[] = []
  #channel: CallChannel | undefined
  /** An answer came on it, so that it may have ended since without anybody's fault. */
  #isUsed = false
  #asked: Waiting | undefined
  #dialling = false
  #cancelIdle: (() => void) | undefined
  #closed = false

  constructor(ground: AskerGround) {
    this.#ground = ground
  }

  /**
   * The answer to a question, checked to be one that this question may get. Throws the reason of
   * the signal if that comes first; what was asked may be done all the same.
   */
  ask<Q extends Question>(question: Q, signal: AbortSignal): Promise<Answer<AnswerTo<Q>>> {
    signal.throwIfAborted()
    if (this.#closed) return Promise.resolve(refuse('wire.cut'))
    if (this.#waiting.length >= limits.questionsMax) {
      return Promise.resolve(refuse('wire.full', { retryMs: limits.pauseMs }))
    }
    return new Promise((resolve, reject) => {
      const give = () => {
        this.#forget(waiting)
        reject(signal.reason)
      }
      const waiting: Waiting = {
        question,
        again: false,
        settle: (answer) => {
          signal.removeEventListener('abort', give)
          resolve(answer as Answer<AnswerTo<Q>>)
        },
      }
      signal.addEventListener('abort', give, { once: true })
      this.#waiting.push(waiting)
      this.#next()
    })
  }

  /** Ends the stream; whoever waits is told that it was cut. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#cancelIdle?.()
    this.#channel?.refuse(refusalOf('wire.cut'))
    for (const waiting of this.#waiting.splice(0)) waiting.settle(refuse('wire.cut'))
  }

  #next(): void {
    if (this.#closed || this.#asked !== undefined || this.#dialling) return
    if (this.#waiting.length === 0) return
    this.#cancelIdle?.()
    const channel = this.#channel
    if (channel === undefined) {
      this.#dial()
      return
    }
    this.#asked = this.#waiting.shift()
    if (this.#asked === undefined) return
    const said = channel.say([this.#asked.question])
    if (said.ok) channel.expect(limits.answerMs)
    else this.#settle(said)
  }

  #dial(): void {
    this.#dialling = true
    const opened = this.#ground.dial().then((dialled) => {
      this.#dialling = false
      if (!dialled.ok) for (const one of this.#waiting.splice(0)) one.settle(dialled)
      else if (this.#closed) dialled.value.refuse(refusalOf('wire.cut'))
      else this.#use(dialled.value)
      this.#next()
    })
    throwing(opened)
  }

  #use(channel: CallChannel): void {
    this.#channel = channel
    this.#isUsed = false
    channel.listen({
      heard: ([answer]) => {
        if (answer !== undefined) this.#heard(channel, answer)
      },
      drained: () => {},
      ended: () => {
        if (this.#asked === undefined && this.#channel === channel) this.#channel = undefined
        channel.close()
      },
      closed: (refusal = refusalOf('wire.cut')) => {
        if (this.#channel !== channel) return
        this.#channel = undefined
        const asked = this.#asked
        const aged = refusal.code === 'wire.cut' && this.#isUsed && !this.#closed
        if (asked !== undefined && aged && !asked.again) {
          asked.again = true
          this.#asked = undefined
          this.#waiting.unshift(asked)
          this.#next()
        } else {
          this.#settle({ ok: false, refusal })
        }
      },
    })
  }

  #heard(channel: CallChannel, answer: AnswerMessage): void {
    channel.expect(undefined)
    this.#isUsed = true
    if (answer.type === 'refuse') {
      this.#settle({ ok: false, refusal: answer.refusal })
      return
    }
    const asked = this.#asked?.question
    const allowed: readonly string[] = asked === undefined ? [] : answers[asked.type]
    if (allowed.includes(answer.type)) this.#settle(accept(answer))
    else channel.refuse(refusalOf('wire.message', { detail: `${answer.type} was not asked for` }))
  }

  #settle(answer: Answer<AnswerMessage>): void {
    const asked = this.#asked
    this.#asked = undefined
    asked?.settle(answer)
    this.#next()
    const channel = this.#channel
    if (this.#asked !== undefined || channel === undefined) return
    // The other end closes a stream on which nothing was asked for `answerMs`: be there before.
    this.#cancelIdle?.()
    this.#cancelIdle = this.#ground.clock.after(protocols.call.idleMs / 2, () => {
      this.#channel = undefined
      channel.close()
    })
  }

  /** Nobody waits for this answer any more: what was asked can only be ended with its stream. */
  #forget(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (this.#asked !== waiting) return
    this.#asked = undefined
    const channel = this.#channel
    this.#channel = undefined
    channel?.refuse(refusalOf('wire.cut'))
    this.#next()
  }
}

/** Whoever answers questions; the signal says that nobody waits any more. */
export type Answerer = (question: Question, signal: AbortSignal) => Promise<AnswerMessage>

/** Answers the questions of one stream in their order, as long as they come one at a time. */
export function answerCalls(channel: Channel<AnswerMessage, Question>, answer: Answerer): void {
  const gone = new AbortController()
  let answering = false
  let ended = false
  let full = false
  const reply = async (question: Question) => {
    const said = channel.say([await answer(question, gone.signal)])
    answering = false
    if (ended) channel.close()
    else if (said.ok && said.value) channel.expect(protocols.call.idleMs)
    else full = true
    // Whoever does not read its answers is asked for no more questions.
    if (full) channel.pause()
  }
  channel.listen({
    heard([question]) {
      if (question === undefined) return
      if (answering) {
        channel.refuse(refusalOf('wire.message', { detail: 'the answer to the last comes first' }))
        return
      }
      answering = true
      channel.expect(undefined)
      throwing(reply(question))
    },
    drained() {
      if (!full) return
      full = false
      channel.resume()
    },
    ended() {
      ended = true
      if (!answering) channel.close()
    },
    closed: () => gone.abort(),
  })
}
