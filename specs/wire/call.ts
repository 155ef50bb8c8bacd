import {
  checkpointDocument,
  cosignatureDocument,
  forkSchema,
  standFields,
} from '../checkpoint/checkpoint.ts'
import { delegationDocument, revocationDocument } from '../delegation/delegation.ts'
import { claimFields } from '../fact/fact.ts'
import { placeSchema } from '../fact/seal.ts'
import { type ChainId, digest, type JobId, type MeshId } from '../id/id.ts'
import { jobDocument } from '../job/job.ts'
import { limits } from '../limits.ts'
import { beaconDocument } from '../mesh/beacon.ts'
import { changeSchema } from '../mesh/change.ts'
import { meshDocument } from '../mesh/mesh.ts'
import { orderDocument } from '../order/order.ts'
import { refusalSchema } from '../refusal/refusal.ts'
import { requestDocument } from '../request/request.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { bool, bytes, choice, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { signedSchema } from '../signed/signed.ts'
import { sealAnswers, sealQuestions } from './ballot.ts'

const hash = bytes({ size: 32 })
const path = list(hash, { max: limits.pathHashesMax })
const checkpoint = signedSchema(checkpointDocument)
const cosignatures = list(signedSchema(cosignatureDocument), { max: limits.rosterMax })
const seq = int({ min: 0, max: limits.entriesMax - 1 })
const revision = int({ min: 0, max: limits.entriesMax })

/** What anybody may ask a coordinator: one question, one answer. */
export const question = oneOf({
  /** Admit this job. The same job again gets the same answer. */
  publish: { job: signedSchema(jobDocument) },
  /** Carry out this request. */
  act: { request: signedSchema(requestDocument) },
  /** A node has this owner from now on. */
  delegate: { delegation: signedSchema(delegationDocument, 2) },
  /** It has not, any more. */
  revoke: { revocation: signedSchema(revocationDocument) },
  /** Hand this order to the node that it is for, which is here. */
  order: { order: signedSchema(orderDocument) },
  /** Let credit arrive that left another chain. The same again gets the same answer. */
  claim: { to: digest<ChainId>(), ...claimFields },
  /** Are you there, do you write this chain, and take jobs for it? Left out: your own chain. */
  beacon: { chain: optional(digest<ChainId>()) },
  /** Which chains do you write? */
  beacons: {},
  /** How far is this job? */
  job: { job: digest<JobId>() },
  /** Why is nothing of this job leased, or of this unit of it? */
  why: { job: digest<JobId>(), unit: optional(int({ min: 0, max: limits.sweepUnitsMax - 1 })) },
  /** Where does the chain stand? */
  stand: { chain: digest<ChainId>() },
  /** Prove that an entry is in the chain of this size. */
  prove: { ...standFields, seq },
  /** Prove that the chain of this size begins with the chain of an earlier size. */
  extend: { ...standFields, from: int({ min: 1, max: limits.entriesMax }) },
  /** Cosign this checkpoint; the path proves that it extends the size that the witness saw last. */
  witness: { checkpoint, from: int({ min: 0, max: limits.entriesMax }), path },
  /** Take in this change of the roster or the rate card. The same again gets the same answer. */
  amend: { change: changeSchema },
  /** How was this mesh founded? */
  founding: { mesh: digest<MeshId>() },
  /** Which change of this mesh comes after this revision? */
  changes: { mesh: digest<MeshId>(), after: revision },
  ...sealQuestions,
  /** Is there a proof that this chain was forked? */
  fork: { chain: digest<ChainId>() },
})

const amount = int({ min: 0, max: Number.MAX_SAFE_INTEGER })
const code = text({ pattern: '^[a-z][a-z-]{0,31}$', name: 'a lower-case code', max: 32 })
const words = text({ kind: 'line', max: limits.lineBytesMax })

/** What a coordinator knows of one unit. */
const unit = struct({
  unit: int({ min: 0, max: limits.sweepUnitsMax - 1 }),
  /** Nobody was given it yet, it is under way, or it is decided. */
  stage: choice(['fresh', 'begun', 'decided']),
  /** Nodes that have it at the moment, and results that have come. */
  leased: amount,
  results: amount,
})

/** The answer to a question. */
export const answer = oneOf({
  /** It is done, and on disk; in this entry, if it is a fact. */
  done: { seq: optional(seq) },
  job: {
    /** Its home. */
    chain: digest<ChainId>(),
    units: int({ min: 1, max: limits.sweepUnitsMax }),
    accepted: int({ min: 0, max: limits.sweepUnitsMax }),
    dead: int({ min: 0, max: limits.sweepUnitsMax }),
    ended: optional(seq),
  },
  /** Why it waits, as a code and in words; and what is against the nodes that are there. */
  why: {
    code,
    words,
    unit: optional(unit),
    /** Units that nobody was given yet, and those that want more results. */
    fresh: optional(amount),
    begun: optional(amount),
    /** Nodes that it fits. */
    fit: optional(amount),
    /** The most frequent reason first: of how many nodes it is true, and of how many alone. */
    against: list(struct({ code, words, count: amount, alone: amount }), { max: 32 }),
  },
  beacon: { beacon: signedSchema(beaconDocument) },
  /** One for each chain that it writes, its own first if it writes that. */
  beacons: { beacons: list(signedSchema(beaconDocument), { max: limits.rosterMax }) },
  stand: { checkpoint, cosignatures },
  proof: { entry: bytes({ max: limits.entryBytesMax }), path },
  extension: { path },
  cosignature: { cosignature: signedSchema(cosignatureDocument) },
  /** The witness saw another size last: prove that it extends this one. */
  behind: { size: int({ min: 0, max: limits.entriesMax }) },
  /** The mesh as all of its first roster signed it. */
  founding: { founding: signedSchema(meshDocument, limits.rosterMax) },
  /** The change that was asked for, if there is one; and how many there have been in all. */
  changes: { revision, change: optional(changeSchema) },
  ...sealAnswers,
  /** The proof that the chain was forked: of its last epoch in which one is known. */
  fork: { fork: forkSchema },
  refuse: { refusal: refusalSchema },
})

/** A question to a coordinator. */
export type Question = Infer<typeof question>
/** The answer of a coordinator. */
export type AnswerMessage = Infer<typeof answer>

/** What a follower says on its stream. */
export const fromFollower = oneOf({
  /**
   * First: the chain, from which entry on; and whether beyond the last checkpoint, too. With a cut,
   * the history that has it, as far as that.
   */
  follow: {
    ...{ chain: digest<ChainId>(), from: seq, ahead: optional(bool()) },
    cut: optional(placeSchema),
  },
  /** How many more entries it has room for: none are sent beyond that. */
  more: { entries: int({ min: 1, max: limits.entriesPerAskMax }) },
  /** Nothing new, but still there. */
  alive: {},
})

/** What a coordinator says to a follower. */
export const toFollower = oneOf({
  /** Entries in their bytes, without a gap. */
  entry: { seq, entry: bytes({ max: limits.entryBytesMax }) },
  checkpoint: { checkpoint, cosignatures },
  /** Nothing new, but still there. */
  alive: {},
  refuse: { refusal: refusalSchema },
})

/** A message of a follower. */
export type FromFollower = Infer<typeof fromFollower>
/** A message to a follower. */
export type ToFollower = Infer<typeof toFollower>
