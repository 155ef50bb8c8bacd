import {
  cidOf,
  type Job,
  jobDocument,
  type PublisherId,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '../../../specs/index.ts'

const noon = 1_795_176_000_000

/** A job of so many units, as its publisher signs it. */
export function jobOf(
  home: Job['home'],
  publisher: Signer,
  number: number,
  count: number,
): Signed<Job> {
  const nonce = new Uint8Array(16)
  new DataView(nonce.buffer).setUint32(0, number)
  const job: Job = {
    ...{ v: 1, home, publisher: publisher.id as PublisherId, nonce },
    ...{ issued: noon, expires: noon + 1e9 },
    ...{ name: `job ${number}`, tags: {}, inputs: [], volumes: [], compare: [], priority: 5 },
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
    sweep: [{ type: 'range', name: 'i', from: 0, step: 1, count, digits: 0 }],
  }
  return sign(jobDocument, job, publisher)
}
