import { encode } from '../bytes/bytes.ts'
import { toHex } from '../bytes/text.ts'
import type { OwnerId } from '../id/id.ts'
import { receiptId } from '../receipt/receipt.ts'
import { type RowKind, type RowOf, rowKey, rowSchemas } from '../state/state.ts'
import { accounts } from '../transfer/account.ts'
import { type Purpose, transferId } from '../transfer/transfer.ts'
import { ids, made, now } from './cast.ts'
import { home, smallJob } from './jobs.ts'
import { execution, signedReceipt } from './work.ts'

const { job, slot, epoch, fence } = execution
const earn: Purpose = { type: 'earn', job, unit: 0, slot }
const bond: Purpose = { type: 'bond', node: ids.node, count: 1 }
const depart: Purpose = {
  type: 'depart',
  owner: ids.owner,
  to: home,
  nonce: made.nonce('depart'),
}
const bridge = accounts.bridge(made.chain('another chain'), home)
const admitted: RowOf<'job'> = {
  publisher: ids.publisher,
  kind: 'wasm',
  units: 1,
  undecided: 1,
  accepted: 0,
  unitMs: smallJob.resources.unitMs,
  funded: false,
  refunded: false,
  held: 0,
  state: 'open',
}

/** Rows of every kind, by what they are about. */
export const rows: { readonly [K in RowKind]: Readonly<Record<string, RowOf<K>>> } = {
  balance: {
    [accounts.owner(ids.owner)]: { micro: 5000 },
    [accounts.mint]: { micro: -123_456_789 },
    [bridge]: { micro: -77 },
  },
  job: {
    [job]: admitted,
    [made.job('a container')]: {
      ...admitted,
      kind: 'docker',
      priceMicro: 4000,
      budgetMicro: 1_000_000,
      funded: true,
      held: 2,
    },
  },
  nonce: { [`${ids.publisher}/${toHex(smallJob.nonce)}`]: { job } },
  unit: {
    [`${job}/0`]: {
      sealed: [{ slot, epoch, fence, receipt: receiptId(signedReceipt) }],
      metered: [],
    },
    [`${job}/1`]: {
      sealed: [],
      metered: [],
      decided: {
        at: now,
        winners: [{ slot, node: ids.node, owner: ids.owner, earned: true }],
        wrong: false,
      },
    },
  },
  held: { [transferId(earn)]: { job, unit: 0, slot, micro: 124, escrow: false } },
  bond: { [transferId(bond)]: { node: ids.node, owner: ids.owner, micro: 5000 } },
  bonds: { [ids.node]: { count: 1 } },
  delegation: { [ids.node]: { owner: ids.owner, issued: now, expires: now + 1000 } },
  revocation: { [`${ids.owner}/${ids.node}`]: { issued: now + 1000 } },
  reputation: { [`${ids.node}/wasm`]: { vouched: 7, passes: 12, strikes: 1 } },
  counter: { [ids.publisher]: { count: 1 } },
  arrival: {
    [transferId(depart)]: {
      owner: ids.owner,
      from: made.chain('another chain'),
      micro: 77,
      done: true,
    },
  },
  meta: {
    '': { fences: 1_048_576, draw: { next: made.digest('second seed'), epoch: 0 } },
  },
}

/** Rows that an entry wrote and dropped: the value of a key, or undefined. */
type Changes = Readonly<Record<string, Uint8Array | undefined>>

const micro = (amount: number) => encode(rowSchemas.balance, { micro: amount })
const [ada, ben, eve] = [ids.publisher, ids.owner, ids.node].map((key) => {
  return rowKey('balance', accounts.owner(key as string as OwnerId))
}) as [string, string, string]
const mint = rowKey('balance', accounts.mint)
const slash = rowKey('balance', accounts.slash)

/** What five entries did to the rows of a state: places are given, kept, left and given again. */
export const changes: readonly Changes[] = [
  { [mint]: micro(-10), [ben]: micro(10) },
  { [mint]: micro(-60), [eve]: micro(30), [ada]: micro(20) },
  { [ben]: undefined, [ada]: undefined, [slash]: micro(30) },
  { [mint]: micro(-61), [ada]: micro(1) },
  { [eve]: undefined, [slash]: undefined, [ben]: micro(60) },
]
