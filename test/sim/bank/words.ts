import {
  type ChainId,
  cidOf,
  type Job,
  jobDocument,
  type PublisherId,
  type Request,
  requestDocument,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '../../../specs/index.ts'
import { noon } from './cast.ts'

/** What an owner signs to have something done, at a time and with a counter. */
export function requestOf(
  owner: Signer,
  { chain, epoch }: { readonly chain: ChainId; readonly epoch: number },
  act: Request['act'],
  { at, counter }: { readonly at: number; readonly counter: number },
): Signed<Request> {
  const issued = noon + at
  const head = { v: 1 as const, from: owner.id, to: chain, epoch, counter, issued }
  return sign(requestDocument, { ...head, expires: issued + 60_000, act }, owner)
}

/** A job that costs no more than its budget, and that nobody ever runs. */
export function jobOf(
  owner: Signer,
  home: ChainId,
  budgetMicro: number,
  number: number,
): Signed<Job> {
  const job: Job = {
    ...{ v: 1, home, publisher: owner.id as PublisherId, budgetMicro },
    ...{ nonce: bytesOf(number), issued: noon, expires: noon + 1e9, name: 'spends' },
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
  }
  return sign(jobDocument, job, owner)
}

/** A nonce that a number makes. */
export function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
