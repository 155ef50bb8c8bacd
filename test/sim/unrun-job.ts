import {
  cidOf,
  type Job,
  jobDocument,
  type PublisherId,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '../../specs/index.ts'

/** What the jobs of a simulation differ in. */
type Own = Pick<Job, 'home' | 'nonce' | 'issued' | 'name'> &
  Pick<Partial<Job>, 'budgetMicro' | 'sweep'>

/** A job that a core judges and whose module nobody ever runs, as its publisher signs it. */
export function unrunJob(publisher: Signer, own: Own): Signed<Job> {
  const job: Job = {
    ...{ v: 1, publisher: publisher.id as PublisherId, expires: own.issued + 1e9 },
    ...{ tags: {}, inputs: [], volumes: [], compare: [], priority: 5 },
    executors: [
      {
        ...{ type: 'wasm', module: cidOf('raw', sha256(new Uint8Array(1))) },
        ...{ command: [], env: {}, ignoreError: false },
      },
    ],
    outputs: [{ kind: 'file', path: '/out/a' }] as Job['outputs'],
    resources: {
      ...{ cores: 1, ramBytes: 1e9, diskBytes: 1e9, gpus: 0, gpuRamBytes: 0 },
      ...{ fuel: 1e11, unitMs: 3_600_000 },
    },
    ...own,
  }
  return sign(jobDocument, job, publisher)
}
