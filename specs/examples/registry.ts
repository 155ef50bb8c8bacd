import { digestOf, encode } from '../bytes/bytes.ts'
import { toHex } from '../bytes/text.ts'
import { certificateSchema } from '../certificate/certificate.ts'
import { jobProofSchema } from '../certificate/job-proof.ts'
import { checkpointDocument, cosignatureDocument, forkSchema } from '../checkpoint/checkpoint.ts'
import { delegationDocument, revocationDocument } from '../delegation/delegation.ts'
import { entrySchema } from '../entry/entry.ts'
import { chainId, type Fact, factSchema } from '../fact/fact.ts'
import { sealDocument } from '../fact/seal.ts'
import { digestText, type JobId } from '../id/id.ts'
import { type Job, jobDocument } from '../job/job.ts'
import { unitSeed, units } from '../job/units.ts'
import { leaseDocument } from '../lease/lease.ts'
import { beaconDocument } from '../mesh/beacon.ts'
import { invitationSchema } from '../mesh/invitation.ts'
import { meshDocument, rateCardDocument, rosterDocument } from '../mesh/mesh.ts'
import { offerSchema } from '../offer/offer.ts'
import { orderDocument } from '../order/order.ts'
import { acknowledgementDocument, receiptDocument } from '../receipt/receipt.ts'
import { refusalOf, refusalSchema } from '../refusal/refusal.ts'
import { requestDocument } from '../request/request.ts'
import { manifestSchema, type Outcome, outcomeSchema, resultId } from '../result/result.ts'
import type { Json, Schema } from '../schema/schema.ts'
import { type Document, signedSchema } from '../signed/signed.ts'
import { type RowKind, type RowOf, rowHash, rowKey, rowSchemas } from '../state/state.ts'
import { type Transfer, transferId, transferSchema } from '../transfer/transfer.ts'
import { protocols, topics } from '../wire/protocols.ts'
import { certificates, jobProof } from './certificate.ts'
import * as chain from './chain.ts'
import { invitations } from './invitations.ts'
import * as jobs from './jobs.ts'
import { mesh, rateCard, roster } from './mesh.ts'
import { rows } from './state.ts'
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
  /** What else follows from a value, and another implementation has to find too. */
  readonly derived?: (value: unknown, name: string) => { readonly [key: string]: Json } | undefined
}

function plain<T>(
  room: string,
  name: string,
  schema: Schema<T>,
  examples: Readonly<Record<string, NoInfer<T>>>,
): Kind {
  return { room, name, schema, examples }
}

function deriving<T>(
  kind: Kind,
  derived: (value: NoInfer<T>) => { readonly [name: string]: Json } | undefined,
): Kind {
  return { ...kind, derived: (value) => derived(value as T) }
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

/** The rows of a kind, each called by what it is about, with its key and its leaf. */
function row<K extends RowKind>(kind: K): Kind {
  const schema = rowSchemas[kind]
  const leafOf = (value: RowOf<K>, about: string) => {
    const key = rowKey(kind, about)
    return { key, leaf: toHex(rowHash(key, encode(schema, value))) }
  }
  return {
    room: 'state',
    name: `${kind}-row`,
    schema,
    examples: rows[kind],
    derived: (value, name) => leafOf(value as RowOf<K>, name),
  }
}

/** The first and the last unit of a job, with their seeds, as the vectors show them. */
function unitsOf(job: Job): { readonly [name: string]: Json } {
  const id = digestText<JobId>(digestOf(jobDocument.domain, encode(jobDocument.schema, job)))
  const all = units(job)
  const shown = [...new Set([0, all.count - 1])].map((index) => {
    const { parameters, executors, inputs } = all.at(index)
    const filled = { ...job, executors, inputs } as Job
    const { executors: programs, inputs: given } = jobForm(filled)
    return { index, seed: unitSeed(id, index), parameters, executors: programs, inputs: given }
  })
  return { units: { count: all.count, shown: shown as Json } }
}

function jobForm(job: Job): { readonly [key: string]: Json } {
  return jobDocument.schema.print(job) as { readonly [key: string]: Json }
}

/** What a chain is called by, where the fact is its genesis. */
function chainOf(fact: Fact): { readonly [name: string]: Json } | undefined {
  if (fact.type !== 'genesis') return undefined
  const { type: _, ...genesis } = fact
  return { chain: chainId(genesis) }
}

const { work: workStream, call, follow, data } = protocols

/** Every kind of document. */
export const kinds: readonly Kind[] = [
  deriving<Job>(
    signed('job', 'canonical-job', jobDocument, {
      'the smallest': jobs.smallJob,
      'a sweep': jobs.sweepJob,
      'a container': jobs.imageJob,
    }),
    unitsOf,
  ),
  signed('delegation', 'delegation', delegationDocument, { 'a year': work.delegation }),
  signed('delegation', 'revocation', revocationDocument, {
    'by the node': work.revocation,
    'by the owner': { ...work.revocation, by: 'owner' },
  }),
  signed('order', 'order', orderDocument, {
    'to stand still': work.order,
    'to go on': { ...work.order, order: 'resume' },
    'to end': { ...work.order, order: 'finish' },
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
  deriving<Outcome>(
    plain('result', 'outcome', outcomeSchema, {
      'a result': work.outcome,
      'out of fuel': work.outOfFuel,
    }),
    (outcome) => ({ result: resultId(outcome) }),
  ),
  plain('result', 'manifest', manifestSchema, { 'with remarks': work.manifest }),
  deriving<Transfer>(plain('transfer', 'transfer', transferSchema, transfers), ({ purpose }) => ({
    id: transferId(purpose),
  })),
  deriving<Fact>(plain('fact', 'fact', factSchema, numbered(chain.facts)), chainOf),
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
  plain('certificate', 'certificate', certificateSchema, certificates),
  plain('certificate', 'job-proof', jobProofSchema, { 'in its form': jobProof }),
  ...(Object.keys(rowSchemas) as RowKind[]).map((kind) => row(kind)),
  signed('mesh', 'mesh', meshDocument, { 'of three': mesh }),
  signed('mesh', 'roster', rosterDocument, { 'one less': roster }),
  signed('mesh', 'rates', rateCardDocument, { 'paying more': rateCard }),
  plain('mesh', 'invitation', invitationSchema, invitations),
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
  plain('wire', 'from-fetcher', data.out, numbered(wire.fetcherMessages)),
  plain('wire', 'from-provider', data.back, numbered(wire.providerMessages)),
  plain('wire', 'gossip-beacon', topics.beacon.message, { alive: chain.signedBeacon }),
  plain('wire', 'gossip-checkpoint', topics.checkpoint.message, {
    'a dozen': chain.signedCheckpoint,
  }),
]
