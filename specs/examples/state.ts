import { encode } from '../bytes/bytes.ts'
import { toHex } from '../bytes/text.ts'
import type { OwnerId } from '../id/id.ts'
import { receiptId } from '../receipt/receipt.ts'
import { resultId } from '../result/result.ts'
import { type RowKind, type RowOf, rowKey, rowSchemas, unitsPerRow } from '../state/state.ts'
import { accounts } from '../transfer/account.ts'
import { type Purpose, transferId } from '../transfer/transfer.ts'
import { ids, made, now } from './cast.ts'
import { home, smallJob } from './jobs.ts'
import { execution, outcome, signedReceipt } from './work.ts'

const { job, slot, epoch, fence } = execution
const meter: Purpose = { type: 'meter', ...execution, interval: 3 }
const bond: Purpose = { type: 'bond', node: ids.node, count: 1 }
const earn: Purpose = { type: 'earn', job, unit: 0, slot }
const kept: Purpose = { type: 'settle', of: transferId(earn) }
const depart: Purpose = { type: 'depart', owner: ids.owner, to: home, nonce: made.nonce('depart') }
const votes: RowOf<'unit'>['votes'] = [
  {
    ...{ slot, epoch, fence, node: ids.node, owner: ids.owner },
    ...{ result: resultId(outcome), referee: false, wins: true, passed: true, struck: false },
  },
]
const elsewhere = made.chain('another chain')
const admitted: RowOf<'job'> = {
  publisher: ids.publisher,
  executor: { type: 'wasm', microPerGigafuel: 1000 },
  exact: true,
  funded: false,
  units: 1,
  undecided: 1,
  accepted: 0,
  held: 0,
  cancelled: false,
  seq: 7,
}

/** Rows of every kind, by what they are about. */
export const rows: { readonly [K in RowKind]: Readonly<Record<string, RowOf<K>>> } = {
  balance: {
    [accounts.owner(ids.owner)]: { micro: 5000 },
    [accounts.mint]: { micro: -123_456_789 },
    [accounts.hold(job, 0, slot)]: { micro: 124 },
    [accounts.bridge(elsewhere, home)]: { micro: -77 },
  },
  job: {
    [job]: admitted,
    [made.job('a container')]: {
      ...admitted,
      executor: { type: 'docker', priceMicro: 4000, unitMs: smallJob.resources.unitMs },
      exact: false,
      funded: true,
      held: 2,
    },
    [made.job('a job that ended')]: {
      ...admitted,
      undecided: 0,
      accepted: 1,
      ended: { as: 'final', seq: 99 },
    },
  },
  nonce: { [`${ids.publisher}/${toHex(smallJob.nonce)}`]: { job } },
  unit: {
    [`${job}/0`]: {
      type: 'open',
      sealed: [{ slot, epoch, fence, receipt: receiptId(signedReceipt) }],
      metered: [],
      votes: [],
      held: 0,
    },
    [`${job}/1`]: { type: 'decided', at: now, metered: [], votes, held: 1, closing: false },
    [`${job}/2`]: { type: 'open', sealed: [], metered: [], votes, held: 1 },
  },
  // Units 3 and 12 of the first thousand.
  done: { [`${job}/0`]: { bits: new Uint8Array(unitsPerRow / 8).with(0, 8).with(1, 16) } },
  meter: { [transferId(meter)]: { ...execution, micro: 60_000 } },
  bond: {
    [transferId(bond)]: { node: ids.node, owner: ids.owner, micro: 5000 },
    [transferId(kept)]: { node: ids.node, owner: ids.owner, micro: 124, executor: 'wasm' },
  },
  ban: { [ids.other]: { at: now } },
  'bond-count': { [ids.node]: { count: 1 } },
  node: { [ids.node]: { tier: 'cpu', platform: { os: 'linux', arch: 'arm64' } } },
  delegation: { [ids.node]: { owner: ids.owner, issued: now, expires: now + 1000 } },
  revocation: { [`${ids.owner}/${ids.node}`]: { issued: now + 1000 } },
  reputation: { [`${ids.node}/wasm`]: { vouched: 7, passes: 12, strikes: 1 } },
  counter: { [ids.publisher]: { count: 1 } },
  crossing: { [`${elsewhere}/${transferId(depart)}`]: { to: home, seq: 3 } },
  change: { 1: { id: made.digest('a change'), seq: 77 } },
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
