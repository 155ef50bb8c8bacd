import { checkpointDocument, cosignatureDocument, forkSchema } from '../checkpoint/checkpoint.ts'
import { delegationDocument, revocationDocument } from '../delegation/delegation.ts'
import { entrySchema } from '../entry/entry.ts'
import { factSchema } from '../fact/fact.ts'
import { sealDocument } from '../fact/seal.ts'
import { jobDocument } from '../job/job.ts'
import { leaseDocument } from '../lease/lease.ts'
import { beaconDocument } from '../mesh/beacon.ts'
import { meshDocument, rateCardDocument, rosterDocument } from '../mesh/mesh.ts'
import { offerSchema } from '../offer/offer.ts'
import { acknowledgementDocument, receiptDocument } from '../receipt/receipt.ts'
import { refusalOf, refusalSchema } from '../refusal/refusal.ts'
import { requestDocument } from '../request/request.ts'
import { manifestSchema, outcomeSchema } from '../result/result.ts'
import type { Schema } from '../schema/schema.ts'
import { type Document, signedSchema } from '../signed/signed.ts'
import { transferSchema } from '../transfer/transfer.ts'
import { protocols, topics } from '../wire/protocols.ts'
import * as chain from './chain.ts'
import * as jobs from './jobs.ts'
import { transfers } from './transfers.ts'
import * as wire from './wire.ts'
import * as work from './work.ts'

/** A kind of document with the examples that its vectors, tests and benchmarks are made from. */
export interface Kind {
  /** The folder that its prose, schema and vectors are in. */
  readonly room: string
  readonly name: string
  readonly schema: Schema<unknown>
  /** Of a kind that is signed: what its signatures and its digest are made in. */
  readonly document?: Document<unknown>
  /** Values by what they show; the first is the plainest. */
  readonly examples: Readonly<Record<string, unknown>>
}

function plain<T>(
  room: string,
  name: string,
  schema: Schema<T>,
  examples: Readonly<Record<string, NoInfer<T>>>,
): Kind {
  return { room, name, schema, examples }
}

function signed<T>(
  room: string,
  name: string,
  document: Document<T>,
  examples: Readonly<Record<string, NoInfer<T>>>,
): Kind {
  return { room, name, schema: document.schema, document: document as Document<unknown>, examples }
}

function numbered<T>(values: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(values.map((value, i) => [`number ${i}`, value]))
}

const { work: workStream, call, follow } = protocols

/** Every kind of document. */
export const kinds: readonly Kind[] = [
  signed('job', 'canonical-job', jobDocument, {
    'the smallest': jobs.smallJob,
    'a sweep': jobs.sweepJob,
    'a container': jobs.imageJob,
  }),
  signed('delegation', 'delegation', delegationDocument, { 'a year': work.delegation }),
  signed('delegation', 'revocation', revocationDocument, {
    'by the node': work.revocation,
    'by the owner': { ...work.revocation, by: 'owner' },
  }),
  plain('offer', 'offer', offerSchema, { 'a laptop': work.offer, 'a workstation': work.gpuOffer }),
  signed('lease', 'lease', leaseDocument, { 'a minute': work.lease }),
  signed('receipt', 'receipt', receiptDocument, { 'of a result': work.receipt }),
  plain('receipt', 'signed-receipt', signedSchema(receiptDocument), {
    alone: work.signedReceipt,
    ...numbered(work.batchedReceipts),
  }),
  signed('receipt', 'acknowledgement', acknowledgementDocument, {
    'of five': work.acknowledgement,
  }),
  plain('result', 'outcome', outcomeSchema, {
    'a result': work.outcome,
    'out of fuel': work.outOfFuel,
  }),
  plain('result', 'manifest', manifestSchema, { 'with remarks': work.manifest }),
  plain('transfer', 'transfer', transferSchema, transfers),
  plain('fact', 'fact', factSchema, numbered(chain.facts)),
  signed('fact', 'seal', sealDocument, { 'of an epoch': chain.seal }),
  plain('entry', 'entry', entrySchema, {
    'the first': chain.firstEntry,
    'a full one': chain.fullEntry,
  }),
  signed('checkpoint', 'checkpoint', checkpointDocument, { 'of a dozen': chain.checkpoint }),
  signed('checkpoint', 'cosignature', cosignatureDocument, { 'by a witness': chain.cosignature }),
  plain('checkpoint', 'fork', forkSchema, {
    'of one size': chain.fork,
    'of two sizes': chain.longFork,
  }),
  signed('mesh', 'mesh', meshDocument, { 'of three': chain.mesh }),
  signed('mesh', 'roster', rosterDocument, { 'one less': chain.roster }),
  signed('mesh', 'rates', rateCardDocument, { 'paying more': chain.rateCard }),
  signed('mesh', 'beacon', beaconDocument, { 'with work': chain.beacon }),
  signed('request', 'request', requestDocument, {
    'to cancel': chain.cancel,
    'for a name': chain.rename,
    'to depart': chain.departure,
    'for a bond': chain.bonding,
  }),
  plain('refusal', 'refusal', refusalSchema, {
    'with a place': refusalOf('document.bounds', { at: 'resources.cores', detail: 'at most 1024' }),
    'to wait': refusalOf('wire.full', { retryMs: 2000 }),
  }),
  plain('wire', 'from-node', workStream.out, { 'a frame': wire.nodeMessages }),
  plain('wire', 'from-coordinator', workStream.back, { 'a frame': wire.coordinatorMessages }),
  plain('wire', 'question', call.out, numbered(wire.questions)),
  plain('wire', 'answer', call.back, numbered(wire.answers)),
  plain('wire', 'from-follower', follow.out, numbered(wire.followerMessages)),
  plain('wire', 'to-follower', follow.back, { 'a frame': wire.toFollowerMessages }),
  plain('wire', 'gossip-beacon', topics.beacon.message, { alive: chain.signedBeacon }),
  plain('wire', 'gossip-checkpoint', topics.checkpoint.message, {
    'a dozen': chain.signedCheckpoint,
  }),
]
