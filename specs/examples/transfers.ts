import { accounts } from '../transfer/account.ts'
import { type Purpose, type Transfer, transferId } from '../transfer/transfer.ts'
import { ids, made } from './cast.ts'
import { home } from './jobs.ts'
import { execution } from './work.ts'

const earn: Purpose = { type: 'earn', job: execution.job, unit: 0, slot: 1 }
const { job } = execution
const escrow = accounts.escrow(job)
const hold = accounts.hold(execution.job, 0, 1)
const bond: Purpose = { type: 'bond', node: ids.node, count: 1 }
const depart: Purpose = {
  type: 'depart',
  owner: ids.owner,
  to: made.chain('another chain'),
  nonce: made.nonce('depart'),
}
const away = accounts.bridge(home, made.chain('another chain'))
const mine = accounts.owner(ids.owner)

/** A transfer of each purpose, and all ends of an earning and of a bond. */
export const transfers: Readonly<Record<string, Transfer>> = {
  earn: { purpose: earn, from: accounts.mint, to: hold, micro: 124 },
  'settle to the owner': { purpose: settle(earn), from: hold, to: mine, micro: 124 },
  'settle as void': { purpose: settle(earn), from: hold, to: accounts.mint, micro: 124 },
  'settle to wait': {
    purpose: settle(earn),
    from: hold,
    to: accounts.bond(ids.node),
    micro: 124,
  },
  'settle what waited': {
    purpose: settle(settle(earn)),
    from: accounts.bond(ids.node),
    to: mine,
    micro: 124,
  },
  fund: { purpose: { type: 'fund', job }, from: mine, to: escrow, micro: 1_000_000 },
  meter: {
    purpose: { type: 'meter', ...execution, slot: 1, interval: 3 },
    from: escrow,
    to: hold,
    micro: 60_000,
  },
  refund: { purpose: { type: 'refund', job }, from: escrow, to: mine, micro: 940_000 },
  bond: { purpose: bond, from: mine, to: accounts.bond(ids.node), micro: 5000 },
  'settle to release': {
    purpose: settle(bond),
    from: accounts.bond(ids.node),
    to: mine,
    micro: 5000,
  },
  'settle to slash': {
    purpose: settle(bond),
    from: accounts.bond(ids.node),
    to: accounts.slash,
    micro: 5000,
  },
  depart: { purpose: depart, from: mine, to: away, micro: 77 },
  arrive: {
    purpose: { type: 'arrive', from: home, departed: transferId(depart) },
    from: away,
    to: mine,
    micro: 77,
  },
}

function settle(of: Purpose): Purpose {
  return { type: 'settle', of: transferId(of) }
}
