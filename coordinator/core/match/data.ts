import type { Cid, Job, JobId } from '@nexapod/specs'

/** Jobs that are looked at for each piece of data: the oldest ones, since they go first. */
const perPieceMax = 16

/** What a node needs on its disk for any unit of a job: programs, archives and inputs by CID. */
export function dataOf(job: Job): Cid[] {
  const programs = job.executors.map((one) => (one.type === 'wasm' ? one.module : one.archive))
  const inputs = job.inputs.map(({ from }) => (from.type === 'cid' ? from.cid : undefined))
  return [...new Set([...programs, ...inputs].filter((one) => one !== undefined))]
}

/** Which jobs use which data: who has some of it already is given their units rather. */
export class DataIndex {
  readonly #jobs = new Map<Cid, Set<JobId>>()

  add(job: JobId, data: readonly Cid[]): void {
    for (const cid of data) {
      const jobs = this.#jobs.get(cid)
      if (jobs === undefined) this.#jobs.set(cid, new Set([job]))
      else jobs.add(job)
    }
  }

  remove(job: JobId, data: readonly Cid[]): void {
    for (const cid of data) {
      const jobs = this.#jobs.get(cid)
      if (jobs?.delete(job) && jobs.size === 0) this.#jobs.delete(cid)
    }
  }

  /** The jobs that use what a node has, those first that use most of it; a few for each piece. */
  near(has: readonly Cid[]): JobId[] {
    const pieces = new Map<JobId, number>()
    for (const cid of has) {
      let looked = 0
      for (const job of this.#jobs.get(cid) ?? []) {
        if (looked++ === perPieceMax) break
        pieces.set(job, (pieces.get(job) ?? 0) + 1)
      }
    }
    return [...pieces].sort(([, a], [, b]) => b - a).map(([job]) => job)
  }
}
