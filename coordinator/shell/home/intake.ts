import type { Answerer, Caller, Data } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Cid,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  limits,
  open,
  type Question,
  refuse,
} from '@nexapod/specs'
import { dataOf } from '../../core/match/data.ts'

/** Pins of what a job brought begin with this; its id and a number follow. */
const pinned = 'job/'

/** And with this, of a job that was another's then. */
export const mirrored = 'mirror/'

/** When a publisher asks again whose data is still coming. */
const againMs = 500

/** What is being fetched for a job. */
interface Coming {
  readonly network: string
  readonly settled: Promise<Answer<void>>
  fetchedBytes: number
}

/** What an intake stands on. */
export interface IntakeGround {
  readonly data: Data
  readonly chain: ChainId
  readonly ask: Answerer
  /** Whether a job was admitted. */
  isKnown(job: JobId): boolean
}

/**
 * The data of jobs: fetched from whoever publishes them before they are admitted, so that the
 * publisher may go as soon as it is told `done`, and held until they have ended.
 */
export class Intake {
  readonly #ground: IntakeGround
  readonly #gone: AbortSignal
  readonly #coming = new Map<JobId, Coming>()

  constructor(ground: IntakeGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
  }

  get #data(): Data {
    return this.#ground.data
  }

  /** Answers a question of the mesh. Whoever publishes is asked for the data of the job first. */
  async answer(question: Question, from: Caller, signal: AbortSignal): Promise<AnswerMessage> {
    const { ask, chain, isKnown } = this.#ground
    if (question.type !== 'publish') return await ask(question, signal)
    const id = jobId(question.job)
    const job = open(jobDocument, question.job)
    // What is not for this chain, or is here, is answered as it would be without its data.
    if (!job.ok || job.value.home !== chain || isKnown(id)) return await ask(question, signal)
    const taken = await this.#taken(id, job.value, from)
    if (!taken.ok) return { type: 'refuse', refusal: taken.refusal }
    const answer = await ask(question, signal)
    if (answer.type === 'refuse') await this.release(id)
    return answer
  }

  /** A job was not admitted, or has ended: its data may go. */
  async release(id: JobId): Promise<void> {
    const { store } = this.#data
    for (const { name } of store.pins()) {
      const isOfIt = name.startsWith(`${pinned}${id}/`) || name.startsWith(`${mirrored}${id}/`)
      if (isOfIt) await store.unpin(name)
    }
  }

  /**
   * Has all data of a job here, from the peer that publishes it. What takes longer than a question
   * may wait goes on: whoever asks again is told how it stands.
   */
  async #taken(id: JobId, job: Job, { peer, network }: Caller): Promise<Answer<void>> {
    let coming = this.#coming.get(id)
    if (coming === undefined) {
      if (!this.#hasRoom(network)) return refuse('wire.full', { retryMs: limits.pauseMs })
      const begun: Coming = {
        network,
        fetchedBytes: 0,
        settled: this.#take(id, job, peer, (bytes) => {
          begun.fetchedBytes += bytes
        }),
      }
      coming = begun
      this.#coming.set(id, coming)
      void coming.settled.finally(() => this.#coming.delete(id))
    }
    const late = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => late.resolve(undefined), limits.answerMs / 2)
    const settled = await Promise.race([coming.settled, late.promise])
    clearTimeout(timer)
    if (settled !== undefined) return settled
    const detail = `its data is still coming: ${coming.fetchedBytes} bytes so far`
    return refuse('data.missing', { detail, retryMs: againMs })
  }

  /** Whether one more may be fetched from a network: of keys anybody has as many as he likes. */
  #hasRoom(network: string): boolean {
    if (this.#coming.size >= limits.intakesMax) return false
    const here = Array.from(this.#coming.values()).filter((one) => one.network === network)
    return here.length < limits.intakesPerNetworkMax
  }

  async #take(
    id: JobId,
    job: Job,
    from: string,
    onFetched: (bytes: number) => void,
  ): Promise<Answer<void>> {
    const signal = AbortSignal.any([this.#gone, AbortSignal.timeout(limits.intakeMs)])
    let left = limits.intakeBytesMax
    for (const [i, { root, bytesMax }] of needed(job).entries()) {
      const wanted = { root, bytesMax: Math.min(bytesMax, left), peers: [from], gateways: [] }
      const pin = `${pinned}${id}/${i}`
      const fetched = await within(signal, () => this.#data.fetch({ ...wanted, pin, signal }))
      if (!fetched.ok) {
        await this.release(id)
        return fetched
      }
      left -= fetched.value.bytes
      onFetched(fetched.value.fetchedBytes)
    }
    return accept(undefined)
  }
}

/** Lets go of what was held for jobs that are over, or never were admitted. */
export async function sweepJobs({ store }: Data, isOpen: (id: JobId) => boolean): Promise<void> {
  for (const { name } of store.pins()) {
    if (!name.startsWith(pinned)) continue
    const id = name.slice(pinned.length, name.lastIndexOf('/')) as JobId
    if (!isOpen(id)) await store.unpin(name)
  }
}

/** Does something that throws when its time is over: then that is the answer. */
async function within<T>(signal: AbortSignal, act: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await act()
  } catch (cause) {
    if (!signal.aborted) throw cause
    const detail = 'its data took too long to come'
    return refuse('wire.deadline', { detail })
  }
}

/** All that a job brings, and how much each may be. */
export function needed(job: Job): readonly { readonly root: Cid; readonly bytesMax: number }[] {
  const checkers = job.compare.flatMap((rule) => (rule.type === 'checker' ? [rule.module] : []))
  const modules = new Set<Cid>(checkers)
  for (const one of job.executors) if (one.type === 'wasm') modules.add(one.module)
  return [...new Set([...dataOf(job), ...checkers])].map((root) => {
    const bytesMax = modules.has(root) ? limits.wasmModuleBytesMax : job.resources.diskBytes
    return { root, bytesMax }
  })
}
