import { throwing, waited } from '@nexapod/mesh'
import {
  type ChainId,
  type CoordinatorId,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  limits,
  reopen,
  type Signed,
} from '@nexapod/specs'
import type { HomeGround } from '../home/home-ground.ts'
import { needed, mirrored as pinned } from '../home/intake.ts'

/** How often the data of a job is asked for. */
const triesMax = 8
/** The pause before the second time; they double. */
const againMs = 1000

/** What a mirror stands on. */
export interface MirrorGround extends Pick<HomeGround, 'time' | 'log'> {
  readonly data: HomeGround['mesh']['data']
  /** Who writes a chain now, and who else may have what its jobs brought. */
  sources(chain: ChainId): readonly CoordinatorId[]
}

/** A job whose data is to be here, until it ends. */
interface Wanted {
  readonly chain: ChainId
  readonly job: Job
  readonly over: AbortController
}

/**
 * Has here what the jobs of other chains brought, as long as they are open: whoever goes on with a
 * chain could not lease what only the dead one had. Of each chain one job after the other, from who
 * writes it: one whose data never comes holds up nobody else's.
 */
export class Mirror {
  readonly #ground: MirrorGround
  readonly #gone: AbortSignal
  readonly #wanted = new Map<JobId, Wanted>()
  readonly #running = new Map<ChainId, Promise<void>>()

  constructor(ground: MirrorGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
  }

  /** A job is open on a chain that is followed. */
  admitted(chain: ChainId, signed: Signed<Job>): void {
    const job = reopen(jobDocument, signed)
    if (!job.ok || this.#gone.aborted) return
    const id = jobId(signed)
    if (this.#wanted.has(id)) return
    this.#wanted.set(id, { chain, job: job.value, over: new AbortController() })
    if (this.#running.has(chain)) return
    const running = this.#run(chain)
    this.#running.set(chain, running)
    throwing(running)
  }

  /** It has ended, wherever it is written: nothing is held for it any more. */
  ended(job: JobId): void {
    this.#wanted.get(job)?.over.abort()
    this.#wanted.delete(job)
    throwing(this.#release(job))
  }

  /** Resolves when nothing is fetched any more, after its signal. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async #run(chain: ChainId): Promise<void> {
    for (const [id, wanted] of this.#wanted) {
      if (this.#gone.aborted) return
      if (wanted.chain !== chain) continue
      const isHere = await this.#isFetched(id, wanted)
      if (wanted.over.signal.aborted) {
        // Its end was heard of while the last of it was put away.
        await this.#release(id)
        continue
      }
      if (!isHere && !this.#gone.aborted) {
        this.#ground.log.warn({ chain, job: id }, 'what this job brought is not had from others')
      }
      this.#wanted.delete(id)
    }
    this.#running.delete(chain)
  }

  async #isFetched(id: JobId, { chain, job, over }: Wanted): Promise<boolean> {
    const { data, sources, time } = this.#ground
    const until = AbortSignal.any([this.#gone, over.signal])
    for (const [i, { root, bytesMax }] of needed(job).entries()) {
      for (let tries = 0; ; tries++) {
        const peers = sources(chain)
        const from = peers[tries % Math.max(1, peers.length)]
        const pin = pinOf(id, i)
        if (from !== undefined) {
          const signal = AbortSignal.any([until, AbortSignal.timeout(limits.intakeMs)])
          const wanted = { root, bytesMax, peers: [from], gateways: [], only: true }
          const fetched = await data.fetch({ ...wanted, pin, signal }).catch((cause: unknown) => {
            if (signal.aborted) return undefined
            throw cause
          })
          if (fetched?.ok) break
        }
        if (tries >= triesMax || until.aborted) return false
        if (!(await waited(time, againMs * 2 ** tries, until))) return false
      }
    }
    return true
  }

  /** Lets go of what is held for a job, the last of it first: so none is missed the next time. */
  async #release(id: JobId): Promise<void> {
    const { store } = this.#ground.data
    let held = 0
    while (store.isPinned(pinOf(id, held))) held++
    while (held > 0) await store.unpin(pinOf(id, --held))
  }
}

function pinOf(id: JobId, number: number): string {
  return `${pinned}${id}/${number}`
}
