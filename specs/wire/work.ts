import { checkpointDocument, cosignatureDocument } from '../checkpoint/checkpoint.ts'
import { delegationDocument } from '../delegation/delegation.ts'
import { type ChainId, digest, type JobId, type MeshId } from '../id/id.ts'
import { jobDocument } from '../job/job.ts'
import { executionSchema, leaseDocument } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { offerSchema } from '../offer/offer.ts'
import { orderDocument } from '../order/order.ts'
import { acknowledgementDocument, receiptDocument } from '../receipt/receipt.ts'
import { refusalSchema } from '../refusal/refusal.ts'
import { manifestSchema } from '../result/result.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { choice, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { signedSchema } from '../signed/signed.ts'
import { time } from '../time.ts'
import { framed } from './frame.ts'

const executions = list(executionSchema, { min: 1, max: limits.perFrameMax })
const jobs = list(digest<JobId>(), { min: 1, max: limits.perFrameMax })
const lease = signedSchema(leaseDocument)

/** What a node says to a coordinator. */
export const fromNode = oneOf({
  /** First on the stream, and only there: which mesh and chain, what it lends, whose it is. */
  hello: {
    mesh: digest<MeshId>(),
    /** What the stream is about; left out, the chain that this coordinator founded. */
    chain: optional(digest<ChainId>()),
    offer: offerSchema,
    delegation: optional(signedSchema(delegationDocument, 2)),
  },
  /** After a hello: it is still at these, whichever coordinator leased them. */
  hold: { leases: list(lease, { min: 1, max: limits.perFrameMax }) },
  /** What it lends has changed. */
  offer: { offer: offerSchema },
  /** It is still at these. */
  renew: { executions },
  /** Jobs that leases name and that it has not seen. */
  ask: { jobs },
  /** A result: the lease that allowed it, the receipt, and what it gave. */
  deliver: { lease, receipt: signedSchema(receiptDocument), manifest: manifestSchema },
  /** It will not finish these; whose fault it is decides nothing but what is tried next. */
  abort: {
    executions,
    why: choice(['owner', 'time', 'memory', 'data', 'executor', 'shutdown']),
  },
  /** Nothing new, but still there. */
  alive: {},
  /** It takes nothing more and goes when all is acknowledged. */
  bye: {},
})

/** What a coordinator says to a node. */
export const fromCoordinator = oneOf({
  /** The answer to a hello: which chain it writes, and the rhythm of renewals. */
  welcome: {
    chain: digest<ChainId>(),
    epoch: int({ min: 0, max: limits.epochMax }),
    renewMs: int({ min: 1000, max: limits.renewMs }),
    time: time({ about: 'Its clock, for the node to compare.' }),
  },
  lease: { lease },
  job: { job: signedSchema(jobDocument) },
  /** These receipts are on disk: the node need not send them again while this epoch lasts. */
  acknowledge: { acknowledgement: signedSchema(acknowledgementDocument) },
  /** The verdicts on these are in the chain below this checkpoint: the node may forget them. */
  decided: {
    executions,
    checkpoint: signedSchema(checkpointDocument),
    cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
  },
  /** Stop these: the job was cancelled, or the lease is lost. */
  cancel: { executions },
  /** Its owner tells it to do this, from afar. */
  order: { order: signedSchema(orderDocument) },
  /** There is nothing for this offer: why, in codes with words, and when to ask again. */
  idle: {
    reasons: list(
      struct({
        code: text({ pattern: '^[a-z][a-z-]{0,31}$', name: 'a lower-case code', max: 32 }),
        detail: optional(text({ kind: 'line', max: limits.refusalDetailBytesMax })),
      }),
      { min: 1, max: 16 },
    ),
    retryMs: int({ min: 0, max: limits.retryMsMax }),
  },
  /** Nothing new, but still there. */
  alive: {},
  /** It is going: finish, deliver, and turn to another coordinator. */
  drain: { refusal: refusalSchema },
  /** No to a hello, or to what was said of one execution. */
  refuse: { refusal: refusalSchema, execution: optional(executionSchema) },
})

/** A message of a node. */
export type FromNode = Infer<typeof fromNode>
/** A message of a coordinator to a node. */
export type FromCoordinator = Infer<typeof fromCoordinator>

/** A frame of messages of a node. */
export const nodeFrame = framed(fromNode)
/** A frame of messages of a coordinator. */
export const coordinatorFrame = framed(fromCoordinator)
