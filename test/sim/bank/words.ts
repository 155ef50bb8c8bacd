import {
  type ChainId,
  type Job,
  type Request,
  requestDocument,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import { unrunJob } from '../unrun-job.ts'
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
  return unrunJob(owner, {
    home,
    budgetMicro,
    nonce: bytesOf(number),
    issued: noon,
    name: 'spends',
  })
}

/** A nonce that a number makes. */
export function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
