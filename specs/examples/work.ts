import { type Delegation, delegationDocument, type Revocation } from '../delegation/delegation.ts'
import type { ResultId } from '../id/id.ts'
import { jobDocument, jobId } from '../job/job.ts'
import { type Execution, type Lease, leaseDocument } from '../lease/lease.ts'
import type { Offer } from '../offer/offer.ts'
import { type Order, orderDocument } from '../order/order.ts'
import {
  type Acknowledgement,
  acknowledgementDocument,
  type Receipt,
  receiptDocument,
  receiptId,
} from '../receipt/receipt.ts'
import { type Manifest, type Outcome, resultId } from '../result/result.ts'
import { sign, signBatch } from '../signed/signed.ts'
import { cast, coordinators, ids, made, now } from './cast.ts'
import { home, smallJob } from './jobs.ts'

/** The small job, signed. */
export const signedJob = sign(jobDocument, smallJob, cast.ada)

/** Its first execution. */
export const execution: Execution = { job: jobId(signedJob), unit: 0, slot: 0, epoch: 0, fence: 1 }

/** An owner's statement that a node is theirs. */
export const delegation: Delegation = {
  v: 1,
  owner: ids.owner,
  node: ids.node,
  issued: now,
  expires: now + 365 * 86_400_000,
}

/** The same, signed by both. */
export const signedDelegation = sign(delegationDocument, delegation, cast.ben, cast.eve)

/** Its end, by the node. */
export const revocation: Revocation = {
  v: 1,
  owner: ids.owner,
  node: ids.node,
  by: 'node',
  issued: now + 1000,
}

/** What an owner tells a node of theirs. */
export const order: Order = {
  ...{ v: 1, owner: ids.owner, node: ids.node, order: 'pause' },
  ...{ issued: now + 500, expires: now + 300_500 },
}

/** The same, signed. */
export const signedOrder = sign(orderDocument, order, cast.ben)

/** What a laptop lends. */
export const offer: Offer = {
  v: 1,
  node: ids.node,
  tier: 'cpu',
  platform: { os: 'linux', arch: 'arm64' },
  cores: 4,
  ramBytes: 8_000_000_000,
  diskBytes: 20_000_000_000,
  gpus: [],
  executors: [{ type: 'wasm', profile: 1, fuelPerSecond: 900_000_000 }],
  units: 4,
  windowMs: 4 * 3_600_000,
  projects: [],
  avoids: { projects: [], publishers: [] },
  has: [],
}

/** What a workstation with an accelerator lends, and to whom not. */
export const gpuOffer: Offer = {
  ...offer,
  tier: 'gpu',
  platform: { os: 'linux', arch: 'x86_64' },
  country: 'NZ',
  gpus: [{ name: 'GeForce RTX 4090', ramBytes: 24_000_000_000 }],
  executors: [
    { type: 'wasm', profile: 1, fuelPerSecond: 2_100_000_000 },
    { type: 'docker', isolation: 'runsc', anyImage: false },
  ],
  projects: ['ising', 'folding'],
  avoids: { projects: ['mining'], publishers: [ids.publisher] },
  has: [made.file('ising.wasm'), made.directory('lattices')],
}

/** A promise of the first unit. */
export const lease: Lease = {
  v: 1,
  chain: home,
  coordinator: ids.coordinator,
  ...execution,
  node: ids.node,
  issued: now,
  leaseMs: 60_000,
}

/** The same, signed. */
export const signedLease = sign(leaseDocument, lease, coordinators[0])

/** What the unit gave. */
export const outcome: Outcome = {
  v: 1,
  job: execution.job,
  unit: 0,
  ended: { type: 'exit', executor: 0, code: 0 },
  fuel: 123_456_789,
  outputs: [{ path: '/out/hello.txt', cid: made.file('hello.txt'), bytes: 6 }],
}

/** A unit that ran into its fuel limit. */
export const outOfFuel: Outcome = {
  ...outcome,
  ended: { type: 'out-of-fuel', executor: 1 },
  outputs: [],
}

/** What a node sends with its receipt. */
export const manifest: Manifest = {
  outcome,
  whole: [{ path: '/out/logs', cid: made.directory('logs'), bytes: 77 }],
  remarks: { wallMs: 140, cpuMs: 137, ramBytesPeak: 1_114_112, logs: made.file('log') },
}

/** A node's statement of the result. */
export const receipt: Receipt = {
  v: 1,
  chain: home,
  ...execution,
  node: ids.node,
  result: resultId(outcome),
  salt: made.salt('receipt'),
  issued: now + 200,
}

/** The same, signed alone. */
export const signedReceipt = sign(receiptDocument, receipt, cast.eve)

/** Five receipts that one signature covers. */
export const batchedReceipts = signBatch(
  receiptDocument,
  [0, 1, 2, 3, 4].map((unit) => ({
    ...receipt,
    unit,
    result: made.digest<ResultId>(`result ${unit}`),
    salt: made.salt(`receipt ${unit}`),
  })),
  cast.eve,
)

/** A coordinator's statement that they are on disk. */
export const acknowledgement: Acknowledgement = {
  v: 1,
  chain: home,
  epoch: 0,
  coordinator: ids.coordinator,
  size: 12,
  receipts: batchedReceipts.map(receiptId),
}

/** The same, signed. */
export const signedAcknowledgement = sign(acknowledgementDocument, acknowledgement, coordinators[0])
