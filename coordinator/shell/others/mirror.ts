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

/**
 * Has here what the jobs of other chains brought, as long as they are open: whoever goes on with a
 * chain could not lease what only the dead one had. Of each chain one job after the other, from who
 * writes it: one whose data never comes holds up nobody else's.
 */
export class Mirror {
  readonly #ground: MirrorGround
  readonly #gone: AbortSignal
  readonly #wanted = new Map<JobId, { readonly chain: ChainId; readonly job: Job }>()
  readonly #running = new Map<ChainId, Promise<void>>()

  constructor(ground: MirrorGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
  }

  /** A job is open on a chain that is followed. */
  admitted(chain: ChainId, signed: Signed<Job>): void {
    const job = reopen(jobDocument, signed)
    if (!job.ok || this.#gone.aborted) return
    this.#wanted.set(jobId(signed), { chain, job: job.value })
    if (this.#running.has(chain)) return
    const running = this.#run(chain)
    this.#running.set(chain, running)
    throwing(running)
  }

  /** It has ended, wherever it is written: nothing is held for it any more. */
  ended(job: JobId): void {
    this.#wanted.delete(job)
    throwing(this.#release(job))
  }

  /** Resolves when nothing is fetched any more, after its signal. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async #run(chain: ChainId): Promise<void> {
    for (const [id, { chain: of, job }] of this.#wanted) {
      if (this.#gone.aborted) return
      if (of !== chain) continue
      const isHere = await this.#isFetched(id, chain, job)
      if (!isHere && this.#wanted.has(id) && !this.#gone.aborted) {
        this.#ground.log.warn({ chain, job: id }, 'what this job brought is not had from others')
      }
      this.#wanted.delete(id)
    }
    this.#running.delete(chain)
  }

  async #isFetched(id: JobId, chain: ChainId, job: Job): Promise<boolean> {
    const { data, sources, time } = this.#ground
    for (const [i, { root, bytesMax }] of needed(job).entries()) {
      for (let tries = 0; ; tries++) {
        const peers = sources(chain)
        const from = peers[tries % Math.max(1, peers.length)]
        const pin = `${pinned}${id}/${i}`
        if (from !== undefined) {
          const signal = AbortSignal.any([this.#gone, AbortSignal.timeout(limits.intakeMs)])
          const wanted = { root, bytesMax, peers: [from], gateways: [], only: true }
          const fetched = await data.fetch({ ...wanted, pin, signal }).catch((cause: unknown) => {
            if (signal.aborted) return undefined
            throw cause
          })
          if (fetched?.ok) break
        }
        if (tries >= triesMax || !this.#wanted.has(id)) return false
        if (!(await waited(time, againMs * 2 ** tries, this.#gone))) return false
      }
    }
    return true
  }

  async #release(id: JobId): Promise<void> {
    const { store } = this.#ground.data
    for (const { name } of store.pins()) {
      if (name.startsWith(`${pinned}${id}/`)) await store.unpin(name)
    }
  }
}
