import {
  type Answer,
  type AnswerMessage,
  accept,
  limits,
  type Question,
  refuse,
} from '@nexapod/specs'
import type { JobWaits, UnitWaits } from '../../core/why.ts'
import { waitsOf } from '../http/words.ts'
import type { Time } from '../time.ts'
import type { View } from './view.ts'

/** How many times as long as an answer took nobody is given another. */
const rest = 19

/**
 * Answers why a job waits, or a unit of it. Each answer looks at every node that is there, and a
 * stranger may ask as often as he likes: so one is given at a time, and all of them together take
 * no more than a twentieth of the time of the process.
 */
export class Whys {
  readonly #view: Pick<View, 'job' | 'unit'>
  readonly #time: Time
  #waiting = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(view: Pick<View, 'job' | 'unit'>, time: Time) {
    this.#view = view
    this.#time = time
  }

  /** Answers one in its turn. */
  async answer(asked: Question & { readonly type: 'why' }): Promise<Answer<AnswerMessage>> {
    if (this.#waiting === limits.whysWaitingMax) {
      return refuse('wire.full', { detail: 'questions why', retryMs: limits.pauseMs })
    }
    this.#waiting++
    const before = this.#turn
    const next = Promise.withResolvers<void>()
    this.#turn = next.promise
    await before
    const from = this.#time.now()
    // It is looked at once this was called; what is waited for is the disk.
    const answer = this.#look(asked)
    this.#time.after(rest * (this.#time.now() - from), next.resolve)
    this.#waiting--
    return await answer
  }

  async #look({ job, unit }: Question & { readonly type: 'why' }): Promise<Answer<AnswerMessage>> {
    if (unit === undefined) {
      const found = await this.#view.job(job)
      if (!found.ok) return found
      if (found.value === undefined) return refuse('job.unknown', { at: 'job' })
      return accept(told(found.value.waits))
    }
    const found = await this.#view.unit(job, unit, this.#time.wall())
    if (!found.ok) return found
    if (found.value !== undefined) return accept(told(found.value.waits, { unit, ...found.value }))
    return refuse('job.unknown', { at: 'unit', detail: 'a unit that it has' })
  }
}

function told(
  waits: JobWaits,
  of?: Omit<UnitWaits, 'waits'> & { readonly unit: number },
): AnswerMessage {
  const { words, ...why } = waitsOf(waits)
  const unit = of && { unit: of.unit, stage: of.stage, leased: of.leased, results: of.results }
  const about = { words, ...(unit === undefined ? {} : { unit }) }
  if (why.type !== 'waits') return { type: 'why', code: why.type, ...about, against: [] }
  const { fresh, begun, nodes } = why
  const against = nodes.against.map(({ reason, ...one }) => ({ code: reason, ...one }))
  return { type: 'why', code: 'waits', ...about, fresh, begun, fit: nodes.fit, against }
}
