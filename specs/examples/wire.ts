import { encode } from '../bytes/bytes.ts'
import { revocationDocument } from '../delegation/delegation.ts'
import { entrySchema } from '../entry/entry.ts'
import { cidOf } from '../id/id.ts'
import { meshId } from '../mesh/mesh.ts'
import { refusalOf } from '../refusal/refusal.ts'
import { requestDocument } from '../request/request.ts'
import { sign } from '../signed/signed.ts'
import type { AnswerMessage, FromFollower, Question, ToFollower } from '../wire/call.ts'
import type { FromFetcher, FromProvider } from '../wire/data.ts'
import type { FromCoordinator, FromNode } from '../wire/work.ts'
import { cast, made, now, seedOf } from './cast.ts'
import {
  cancel,
  firstEntry,
  longFork,
  seal,
  signedBeacon,
  signedCheckpoint,
  signedCosignature,
  signedSeal,
} from './chain.ts'
import { home } from './jobs.ts'
import { signedMesh, signedRoster } from './mesh.ts'
import {
  execution,
  gpuOffer,
  manifest,
  offer,
  revocation,
  signedAcknowledgement,
  signedDelegation,
  signedJob,
  signedLease,
  signedOrder,
  signedReceipt,
} from './work.ts'

/** Everything that a node can say, in one frame. */
export const nodeMessages: readonly FromNode[] = [
  {
    type: 'hello',
    mesh: meshId(signedMesh),
    chain: home,
    offer,
    delegation: signedDelegation,
  },
  { type: 'hold', leases: [signedLease] },
  { type: 'offer', offer: gpuOffer },
  { type: 'renew', executions: [execution] },
  { type: 'ask', jobs: [execution.job] },
  { type: 'deliver', lease: signedLease, receipt: signedReceipt, manifest },
  { type: 'abort', executions: [execution], why: 'memory' },
  { type: 'alive' },
  { type: 'bye' },
]

/** Everything that a coordinator can say to a node, in one frame. */
export const coordinatorMessages: readonly FromCoordinator[] = [
  { type: 'welcome', chain: home, epoch: 0, renewMs: 20_000, time: now },
  { type: 'lease', lease: signedLease },
  { type: 'job', job: signedJob },
  { type: 'acknowledge', acknowledgement: signedAcknowledgement },
  {
    type: 'decided',
    executions: [execution],
    checkpoint: signedCheckpoint,
    cosignatures: [signedCosignature],
  },
  { type: 'cancel', executions: [execution] },
  { type: 'order', order: signedOrder },
  {
    type: 'idle',
    reasons: [{ code: 'no-work' }, { code: 'memory', detail: 'units want 4 GB' }],
    retryMs: 5000,
  },
  { type: 'alive' },
  { type: 'drain', refusal: refusalOf('wire.closing', { retryMs: 1000 }) },
  { type: 'refuse', refusal: refusalOf('lease.fenced'), execution },
]

const path = [seedOf('left'), seedOf('right')]
const cut = { size: seal.size, head: seal.head, successor: seal.successor }
const ballotBefore = { number: 2, by: seal.successor }
const standing = { chain: home, epoch: 0, size: 12 }

/** Every question. */
export const questions: readonly Question[] = [
  { type: 'publish', job: signedJob },
  { type: 'act', request: sign(requestDocument, cancel, cast.ada) },
  { type: 'beacon' },
  { type: 'beacon', chain: home },
  { type: 'beacons' },
  { type: 'job', job: execution.job },
  { type: 'stand', chain: home },
  { type: 'prove', ...standing, seq: 3 },
  { type: 'extend', ...standing, from: 5 },
  { type: 'witness', checkpoint: signedCheckpoint, from: 5, path },
  { type: 'delegate', delegation: signedDelegation },
  { type: 'revoke', revocation: sign(revocationDocument, revocation, cast.eve) },
  { type: 'order', order: signedOrder },
  {
    type: 'claim',
    to: home,
    ...{ seq: 3, entry: encode(entrySchema, firstEntry), path },
    ...{ checkpoint: signedCheckpoint, cosignatures: [signedCosignature] },
  },
  { type: 'promise', chain: home, epoch: 0, ballot: 3 },
  { type: 'promise', chain: home, epoch: 0, ballot: 3, cut },
  { type: 'seal', ballot: 3, seal },
  { type: 'sealed', chain: home, epoch: 0 },
  { type: 'why', job: execution.job },
  { type: 'why', job: execution.job, unit: 3 },
  { type: 'amend', change: signedRoster },
  { type: 'changes', mesh: meshId(signedMesh), after: 0 },
  { type: 'founding', mesh: meshId(signedMesh) },
  { type: 'fork', chain: home },
]

/** Every answer. */
export const answers: readonly AnswerMessage[] = [
  { type: 'done', seq: 7 },
  { type: 'done' },
  { type: 'behind', size: 5 },
  { type: 'job', chain: home, units: 1000, accepted: 998, dead: 2, ended: 4321 },
  { type: 'beacon', beacon: signedBeacon },
  { type: 'beacons', beacons: [signedBeacon] },
  { type: 'stand', checkpoint: signedCheckpoint, cosignatures: [signedCosignature] },
  { type: 'proof', entry: encode(entrySchema, firstEntry), path },
  { type: 'extension', path: [made.salt('left')] },
  { type: 'cosignature', cosignature: signedCosignature },
  { type: 'promised' },
  {
    type: 'promised',
    pledge: { ballot: { number: 3, by: seal.successor }, took: { ballot: ballotBefore, cut } },
    stand: { checkpoint: signedCheckpoint, cosignatures: [signedCosignature] },
  },
  { type: 'signature', signature: signedSeal.signatures[0] ?? new Uint8Array(64) },
  { type: 'sealed', seal: signedSeal },
  { type: 'refuse', refusal: refusalOf('job.unknown') },
  { type: 'why', code: 'ended', words: 'It has ended.', against: [] },
  {
    ...{ type: 'why', code: 'waits', words: 'No node has the memory.' },
    unit: { unit: 3, stage: 'begun', leased: 1, results: 1 },
    ...{ fresh: 7, begun: 1, fit: 0 },
    against: [{ code: 'memory', words: 'It lends less.', count: 2, alone: 1 }],
  },
  { type: 'changes', revision: 2, change: signedRoster },
  { type: 'changes', revision: 2 },
  { type: 'founding', founding: signedMesh },
  { type: 'fork', fork: longFork },
]

/** What a follower says. */
export const followerMessages: readonly FromFollower[] = [
  { type: 'follow', chain: home, from: 12 },
  { type: 'follow', chain: home, from: 12, ahead: true },
  { type: 'follow', chain: home, from: 12, cut: { size: seal.size, head: seal.head } },
  { type: 'more', entries: 256 },
  { type: 'alive' },
]

/** What a follower hears, in one frame. */
export const toFollowerMessages: readonly ToFollower[] = [
  { type: 'entry', seq: 0, entry: encode(entrySchema, firstEntry) },
  { type: 'checkpoint', checkpoint: signedCheckpoint, cosignatures: [signedCosignature] },
  { type: 'alive' },
  { type: 'refuse', refusal: refusalOf('ledger.forked') },
]

const root = cidOf('dag-pb', seedOf('data'))

/** What whoever fetches data says. */
export const fetcherMessages: readonly FromFetcher[] = [
  { type: 'want', root, way: [], from: 0, count: 1 },
  { type: 'want', root, way: [0, 3], from: 16, count: 16 },
  { type: 'roots', roots: [root] },
]

/** What a provider of data says. */
export const providerMessages: readonly FromProvider[] = [
  { type: 'block', bytes: 1048576 },
  { type: 'block', bytes: 0 },
  { type: 'missing' },
  { type: 'refuse', refusal: refusalOf('data.unknown') },
]
