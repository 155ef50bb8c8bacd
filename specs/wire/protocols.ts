import { checkpointDocument, forkSchema } from '../checkpoint/checkpoint.ts'
import { limits } from '../limits.ts'
import { beaconDocument } from '../mesh/beacon.ts'
import type { Schema } from '../schema/schema.ts'
import { signedSchema } from '../signed/signed.ts'
import { answer, fromFollower, question, toFollower } from './call.ts'
import { fromFetcher, fromProvider } from './data.ts'
import { framed } from './frame.ts'
import { coordinatorFrame, nodeFrame } from './work.ts'

/** One protocol of the mesh: its id, what goes which way, and how much and how long at most. */
export interface Protocol {
  readonly id: string
  readonly about: string
  /** What the side that opens the stream sends. */
  readonly out: Schema<unknown>
  /** What the side that is dialled sends. */
  readonly back: Schema<unknown>
  /** From opening until the first message. */
  readonly helloMs: number
  /** Without a message, after which the stream is closed; for a call, the time for the answer. */
  readonly idleMs: number
}

/** Streams: every message is preceded by its length as an unsigned varint. */
export const protocols = {
  work: {
    id: '/nexapod/work/1',
    about: 'A node and a coordinator, for as long as both are there.',
    out: nodeFrame,
    back: coordinatorFrame,
    helloMs: limits.helloMs,
    idleMs: limits.idleMs,
  },
  call: {
    id: '/nexapod/call/1',
    about: 'One question and one answer; many may follow each other on one stream.',
    out: question,
    back: answer,
    helloMs: limits.helloMs,
    idleMs: limits.answerMs,
  },
  follow: {
    id: '/nexapod/follow/1',
    about: 'The entries of a chain, from one on, as they come.',
    out: fromFollower,
    back: framed(toFollower),
    helloMs: limits.helloMs,
    idleMs: limits.idleMs,
  },
  data: {
    id: '/nexapod/data/1',
    about: 'Blocks of files and directories, as they are wanted.',
    out: fromFetcher,
    back: fromProvider,
    helloMs: limits.helloMs,
    idleMs: limits.idleMs,
  },
} as const satisfies Readonly<Record<string, Protocol>>

/** One topic of the gossip: what it carries, which nothing may wait for. */
export interface Topic {
  readonly id: string
  readonly about: string
  readonly message: Schema<unknown>
}

/** Gossip: messages that prove themselves by signatures. A topic is this id and the mesh's. */
export const topics = {
  beacon: {
    id: '/nexapod/beacon/1',
    about: 'Coordinators that are alive, and how much work they have.',
    message: signedSchema(beaconDocument),
  },
  checkpoint: {
    id: '/nexapod/checkpoint/1',
    about: 'Where chains stand, so that a fork shows to all.',
    message: signedSchema(checkpointDocument),
  },
  fork: {
    id: '/nexapod/fork/1',
    about: 'Proof that a chain was forked, after which nobody goes on with it.',
    message: forkSchema,
  },
} as const satisfies Readonly<Record<string, Topic>>
