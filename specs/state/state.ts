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
} from '../id/id.ts'
import { executionFields } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bool, choice, int } from '../schema/scalar.ts'
import type { Infer, Schema } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { leafHash } from '../signed/merkle.ts'
import { time } from '../time.ts'

const { unit, slot, epoch, fence } = executionFields
const micro = int({ min: -limits.microMax, max: limits.microMax })
const count = int({ min: 0, max: limits.entriesMax })
const units = int({ min: 0, max: limits.sweepUnitsMax })

const schemas = {
  balance: struct({ micro }),
  job: struct({
    publisher: peerId<PublisherId>(),
    kind: choice(['wasm', 'docker']),
    units,
    undecided: units,
    accepted: units,
    unitMs: int({ min: 1, max: limits.unitMsMax }),
    priceMicro: optional(int({ min: 1, max: limits.microMax })),
    budgetMicro: optional(int({ min: 1, max: limits.microMax })),
    funded: bool(),
    refunded: bool(),
    held: count,
    state: choice(['open', 'cancelled', 'final', 'dead']),
  }),
  nonce: struct({ job: digest<JobId>() }),
  unit: struct({
    sealed: list(struct({ slot, epoch, fence, receipt: digest<ReceiptId>() }), {
      max: limits.slotsMax,
    }),
    metered: list(struct({ slot, intervals: count }), { max: limits.slotsMax }),
    decided: optional(
      struct({
        at: time(),
        fuel: optional(int({ min: 0, max: limits.fuelMax })),
        winners: list(
          struct({ slot, node: peerId<NodeId>(), owner: peerId<OwnerId>(), earned: bool() }),
          { max: limits.slotsMax },
        ),
        wrong: bool(),
      }),
    ),
  }),
  held: struct({ job: digest<JobId>(), unit, slot, micro, escrow: bool() }),
  bond: struct({ node: peerId<NodeId>(), owner: peerId<OwnerId>(), micro }),
  bonds: struct({ count }),
  delegation: struct({ owner: peerId<OwnerId>(), issued: time(), expires: time() }),
  revocation: struct({ issued: time() }),
  reputation: struct({ vouched: count, passes: count, strikes: count }),
  counter: struct({ count }),
  arrival: struct({ owner: peerId<OwnerId>(), from: digest<ChainId>(), micro, done: bool() }),
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

/** The leaf of a row: its key, with its length in front, and its value. */
export function rowHash(key: string, row: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(key)
  const leaf = new Uint8Array(2 + name.length + row.length)
  leaf[0] = name.length >>> 8
  leaf[1] = name.length
  leaf.set(name, 2)
  leaf.set(row, 2 + name.length)
  return leafHash(leaf)
}
