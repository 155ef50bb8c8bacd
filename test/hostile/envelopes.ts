import { randomBytes } from 'node:crypto'
import { inContainers, jobFor } from '../../coordinator/test/cast.ts'
import {
  type ChainId,
  encode,
  type Job,
  type JobId,
  jobDocument,
  limits,
  type PeerId,
  type Request,
  requestDocument,
  type Signed,
  type Signer,
  sign,
} from '../../specs/index.ts'

/** A job that no node on this machine suits, and that needs no data: it disturbs nobody. */
export function hugeJob(home: ChainId, by: Signer, changed: Partial<Job> = {}): Job {
  const job = jobFor(home, by, 0)
  const now = Date.now()
  return {
    ...{ ...job, ...inContainers, nonce: new Uint8Array(randomBytes(16)) },
    ...{ issued: now - 1000, expires: now + 600_000 },
    resources: { ...job.resources, cores: limits.coresMax },
    ...changed,
  }
}

/** A job with its signature. */
export function signedJob(job: Job, by: Signer): Signed<Job> {
  return sign(jobDocument, job, by)
}

/** The signature of one job below another. */
export function altered(signed: Signed<Job>, job: Job): Signed<Job> {
  return { ...signed, body: encode(jobDocument.schema, job) }
}

/** Asks a chain for the end of a job. */
export function cancelOf(
  job: JobId,
  by: Signer,
  to: ChainId,
  changed: Partial<Request> = {},
): Signed<Request> {
  const issued = Date.now()
  const request: Request = {
    ...{ v: 1, from: by.id as PeerId, to, epoch: 0, counter: issued, issued },
    ...{ expires: issued + 60_000, act: { type: 'cancel', job } },
    ...changed,
  }
  return sign(requestDocument, request, by)
}
