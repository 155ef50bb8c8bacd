import { digestHexOf, encode } from '../bytes/bytes.ts'
import {
  type ChainId,
  digest,
  type JobId,
  type NodeId,
  type OwnerId,
  peerId,
  type TransferId,
} from '../id/id.ts'
import { executionFields } from '../lease/lease.ts'
import { limits } from '../limits.ts'
import { oneOf } from '../schema/one-of.ts'
import type { Place } from '../schema/place.ts'
import { bytes, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import { type Account, accountSchema, accounts } from './account.ts'

const count = int({ min: 0, max: limits.entriesMax })

/** What a transfer is for. Two transfers for one thing cannot be: they would have one id. */
export const purposeSchema = oneOf(
  {
    earn: {
      job: executionFields.job,
      unit: executionFields.unit,
      slot: executionFields.slot,
    },
    fund: { job: digest<JobId>() },
    meter: { ...executionFields, interval: count },
    refund: { job: digest<JobId>() },
    bond: { node: peerId<NodeId>(), count },
    settle: {
      of: digest<TransferId>({ about: 'An earning, a metering, a bond, or what led to one.' }),
    },
    depart: { owner: peerId<OwnerId>(), to: digest<ChainId>(), nonce: bytes({ size: 16 }) },
    arrive: { from: digest<ChainId>(), departed: digest<TransferId>() },
  },
  { about: 'What it pays for; its digest is the id of the transfer.' },
)

/** What a transfer is for. */
export type Purpose = Infer<typeof purposeSchema>

/** The fields of a transfer. */
export const transferFields = {
  purpose: purposeSchema,
  from: accountSchema,
  to: accountSchema,
  micro: int({ min: 1, max: limits.microMax, about: 'Micro-credits.' }),
}

const transfer = struct(transferFields)

/** Credit that moves from one account to another. */
export type Transfer = Infer<typeof transfer>

/** The schema of a transfer. */
export const transferSchema = where(transfer, checkTransfer)

/** The rule of a transfer: what it is for says between which accounts it moves. */
export function checkTransfer({ purpose, from, to }: Transfer, place: Place): void {
  if (isMinted(purpose, from, to)) return
  const { source, target } = ways(purpose, from)
  if (!source.some((way) => leads(way, from))) {
    place.below('from').fault('document.rule', `${purpose.type} takes from ${source.join(', ')}`)
  }
  if (!target.some((way) => leads(way, to))) {
    place.below('to').fault('document.rule', `${purpose.type} gives to ${target.join(', ')}`)
  }
}

/** Nearly all transfers are of what a volunteer earns: of those no ways have to be named. */
function isMinted(purpose: Purpose, from: Account, to: Account): boolean {
  if (purpose.type === 'settle') return from.startsWith('hold/') && to.startsWith('owner/')
  if (purpose.type !== 'earn' || from !== accounts.mint) return false
  return to === accounts.hold(purpose.job, purpose.unit, purpose.slot)
}

/** A way is an account, or with a star an account of a kind, of whatever it is. */
function leads(way: string, account: Account): boolean {
  const star = way.indexOf('*')
  if (star === -1) return way === account
  return account.startsWith(way.slice(0, star)) && account.endsWith(way.slice(star + 1))
}

interface Ways {
  readonly source: readonly string[]
  readonly target: readonly string[]
}

/** The accounts of a transfer, by what it is for. */
function ways(purpose: Purpose, from: Account): Ways {
  switch (purpose.type) {
    case 'earn':
      return {
        source: [accounts.mint, accounts.escrow(purpose.job)],
        target: [accounts.hold(purpose.job, purpose.unit, purpose.slot)],
      }
    case 'meter':
      return {
        source: [accounts.escrow(purpose.job)],
        target: [accounts.hold(purpose.job, purpose.unit, purpose.slot)],
      }
    case 'settle':
      return from.startsWith('bond/')
        ? { source: ['bond/*'], target: ['owner/*', accounts.slash] }
        : { source: ['hold/*'], target: ['owner/*', 'bond/*', accounts.mint, 'escrow/*'] }
    case 'fund':
      return { source: ['owner/*'], target: [accounts.escrow(purpose.job)] }
    case 'refund':
      return { source: [accounts.escrow(purpose.job)], target: ['owner/*'] }
    case 'bond':
      return { source: ['owner/*'], target: [accounts.bond(purpose.node)] }
    case 'depart':
      return { source: [accounts.owner(purpose.owner)], target: [`bridge/*/${purpose.to}`] }
    case 'arrive':
      return { source: [`bridge/${purpose.from}/*`], target: ['owner/*'] }
  }
}

/** The id of a transfer: a pure function of what it is for. */
export function transferId(purpose: Purpose): TransferId {
  return purpose.type === 'earn' ? earningId(purpose) : hashed(purpose)
}

type Earning = Purpose & { readonly type: 'earn' }

/** Who writes that an earning is settled asks for its id, and so does who learns it just then. */
let last: { readonly purpose: Earning; readonly id: TransferId } | undefined

function earningId(purpose: Earning): TransferId {
  const { job, unit, slot } = purpose
  const isLast = last?.purpose.unit === unit && last.purpose.slot === slot
  if (!isLast || last?.purpose.job !== job) last = { purpose, id: hashed(purpose) }
  return last.id
}

function hashed(purpose: Purpose): TransferId {
  return digestHexOf('nexapod/transfer/1', encode(purposeSchema, purpose)) as TransferId
}
