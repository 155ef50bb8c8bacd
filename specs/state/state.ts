import { sha256 } from '../bytes/digest.ts'
import {
  type ChainId,
  type Digest,
  digest,
  type JobId,
  type NodeId,
  type OwnerId,
  type PublisherId,
  peerId,
  type ReceiptId,
  type ResultId,
} from '../id/id.ts'
import { executionFields } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { platform, tier } from '../offer/offer.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { bool, bytes, choice, int } from '../schema/scalar.ts'
import type { Infer, Schema } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { time } from '../time.ts'

/** How many units share a row of `done`: a bit for each. */
export const unitsPerRow = 1024

/** Vouched passes from which a node is an anchor: one whose agreement vouches for others. */
export const anchorPasses = 100

/** Owners who, where they agree, vouch for each other: no anchor is needed among them. */
export const newcomersAgreeing = 7

const { slot, epoch, fence } = executionFields
const lease = { slot, epoch, fence }
const micro = int({ min: -limits.microMax, max: limits.microMax })
const paid = int({ min: 1, max: limits.microMax })
const count = int({ min: 0, max: limits.entriesMax })
const units = int({ min: 0, max: limits.sweepUnitsMax })
const slots = { max: limits.slotsMax }
const owned = { node: peerId<NodeId>(), owner: peerId<OwnerId>() }

const metered = list(struct({ ...lease, intervals: count }), slots)
const votes = list(
  struct({
    ...lease,
    ...owned,
    result: digest<ResultId>(),
    referee: bool({ about: 'Whether it was asked for after the unit would have been accepted.' }),
    wins: bool({ about: 'Whether it won at the last verdict.' }),
    passed: bool({ about: 'Whether its node passed by this unit.' }),
    struck: bool({ about: 'Whether its node was struck by this unit.' }),
  }),
  { ...slots, about: 'What verdicts opened.' },
)

const schemas = {
  balance: struct({ micro }),
  job: struct({
    publisher: peerId<PublisherId>(),
    executor: oneOf({
      wasm: { microPerGigafuel: paid },
      docker: { priceMicro: paid, unitMs: int({ min: 1, max: limits.unitMsMax }) },
    }),
    exact: bool({ about: 'Whether results agree only if they are the same.' }),
    funded: bool(),
    units,
    undecided: units,
    accepted: units,
    held: count,
    cancelled: bool(),
    seq: int({ min: 0, max: limits.entriesMax, about: 'The entry that it was admitted in.' }),
    ended: optional(
      struct({
        as: choice(['final', 'dead', 'cancelled']),
        seq: int({ min: 0, max: limits.entriesMax, about: 'The entry that it ended in.' }),
      }),
    ),
  }),
  nonce: struct({ job: digest<JobId>() }),
  unit: oneOf({
    open: {
      sealed: list(struct({ ...lease, receipt: digest<ReceiptId>() }), slots),
      metered,
      votes,
      held: count,
    },
    decided: {
      at: time(),
      metered,
      votes,
      held: count,
      closing: bool({ about: 'Whether something of it was settled.' }),
    },
  }),
  done: struct({ bits: bytes({ size: unitsPerRow / 8 }) }),
  meter: struct({ ...executionFields, micro: paid }),
  bond: struct({
    ...owned,
    micro: paid,
    executor: optional(choice(['wasm', 'docker'], { about: 'Of what was earned.' })),
  }),
  ban: struct({ at: time() }),
  'bond-count': struct({ count }),
  node: struct({ tier, platform }),
  delegation: struct({ owner: peerId<OwnerId>(), issued: time(), expires: time() }),
  revocation: struct({ issued: time() }),
  reputation: struct({ vouched: count, passes: count, strikes: count }),
  counter: struct({ count }),
  crossing: struct({
    to: digest<ChainId>(),
    seq: int({ min: 0, max: limits.entriesMax - 1, about: 'The entry here that says so.' }),
  }),
  change: struct({
    id: digest<Digest>(),
    seq: int({ min: 0, max: limits.entriesMax, about: 'The entry that it stands in.' }),
  }),
  meta: struct({
    fences: int({ min: 0, max: limits.fenceMax }),
    draw: optional(struct({ next: digest<Digest>(), epoch })),
  }),
}

/** The kinds of rows. */
export type RowKind = keyof typeof schemas

/** The value of a row of a kind. */
export type RowOf<K extends RowKind> = Infer<(typeof schemas)[K]>

/** What the rows of a state hold, by their kind: the word that their keys begin with. */
export const rowSchemas: { readonly [K in RowKind]: Schema<RowOf<K>> } = schemas

/** The key of a row: its kind, and what it is about. */
export function rowKey(kind: RowKind, about: string): string {
  return `${kind}/${about}`
}

/** The leaf of a row: SHA-256 over 0, the key with its length in front, and the value. */
export function rowHash(key: string, value: Uint8Array): Uint8Array {
  const leaf = new Uint8Array(3 + key.length + value.length)
  leaf[1] = key.length >>> 8
  leaf[2] = key.length
  for (let i = 0; i < key.length; i++) leaf[3 + i] = key.charCodeAt(i)
  leaf.set(value, 3 + key.length)
  return sha256(leaf)
}
