import {
  type Answer,
  accept,
  type Execution,
  type Job,
  type Lease,
  type Offer,
  refuse,
  units,
} from '@nexapod/specs'
import type { Why } from './event.ts'
import type { Limits } from './limits/limits.ts'

/** Whether a lease and its job are of each other. */
export function checkJob(lease: Lease, job: Job): Answer<Job> {
  if (job.home !== lease.chain) {
    return refuse('lease.unknown', { at: 'chain', detail: `the home of the job is ${job.home}` })
  }
  const { count } = units(job)
  if (lease.unit >= count) {
    return refuse('document.rule', { at: 'unit', detail: `the job has units 0 to ${count - 1}` })
  }
  return accept(job)
}

/** Whether a unit of a job is within what was offered. */
export function checkOffered(offer: Offer, job: Job): Answer<Job> {
  const beyond = beyondOffer(offer, job)
  if (beyond === undefined) return accept(job)
  return refuse('wire.message', { at: 'lease', detail: `beyond what was offered: ${beyond}` })
}

/** Why the owner does not want a unit of a job to run at all, as far as an offer cannot tell. */
export function unwanted({ executors: allowed }: Limits, { executors }: Job): Why | undefined {
  const known = new Set(allowed.images)
  const runs = executors.every((one) => {
    if (!allowed[one.type]) return false
    return one.type === 'wasm' || allowed.anyImage || known.has(one.image)
  })
  return runs ? undefined : 'executor'
}

/** Whose units are wanted: an offer says it to coordinators, and limits to the node itself. */
type Wishes = Pick<Offer, 'projects' | 'publishers' | 'avoids'>

/** Why a job is of nobody whose units are wanted, in words. */
export function unwished(
  { projects, publishers = [], avoids }: Wishes,
  { project, publisher }: Job,
): string | undefined {
  if (avoids.publishers.includes(publisher)) return 'the publisher is avoided'
  if (publishers.length > 0 && !publishers.includes(publisher)) return 'only other publishers'
  if (project !== undefined && avoids.projects.includes(project)) {
    return `the project ${project} is avoided`
  }
  if (projects.length === 0 || (project !== undefined && projects.includes(project)))
    return undefined
  return `only the projects ${projects.join(', ')}`
}

/** What of a unit goes beyond an offer, in words. */
function beyondOffer(offer: Offer, job: Job): string | undefined {
  const { resources, executors } = job
  const kind = executors[0]?.type
  if (!offer.executors.some((one) => one.type === kind)) return `no ${kind} is lent`
  if (resources.cores > offer.cores) return `${offer.cores} cores`
  if (resources.ramBytes > offer.ramBytes) return `${offer.ramBytes} bytes of memory`
  if (resources.diskBytes > offer.diskBytes) return `${offer.diskBytes} bytes of disk`
  const gpus = offer.gpus.filter((gpu) => gpu.ramBytes >= resources.gpuRamBytes)
  if (resources.gpus > gpus.length) return `${gpus.length} accelerators that are large enough`
  return unwished(offer, job)
}

/** A lease is of another slot, or of another time of the same. */
export function isPassedBy(earlier: Execution, later: Execution): boolean {
  if (earlier.job !== later.job || earlier.unit !== later.unit || earlier.slot !== later.slot) {
    return false
  }
  return earlier.epoch === later.epoch ? earlier.fence < later.fence : earlier.epoch < later.epoch
}
