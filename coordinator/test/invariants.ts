import { balanceOf } from '@nexapod/ledger'
import { accounts } from '@nexapod/specs'
import type { Unit } from '../core/book.ts'
import { rowOf } from '../core/jobs.ts'
import { reservedFor } from '../core/prices.ts'
import type { State } from '../core/state.ts'

/** Holds what must be so after every step, whatever happened; throws if it is not. */
export function holdInvariants(state: State): void {
  let sum = 0
  for (const [account, { micro }] of state.ledger.state.balances.entries()) {
    sum += micro
    const mayOwe = account === accounts.mint || account.startsWith('bridge/')
    if (micro < 0 && !mayOwe) throw new Error(`${account} is below 0`)
  }
  if (sum !== 0) throw new Error(`credit was made out of nothing: ${sum}`)
  for (const job of state.jobs.values()) {
    let reserved = 0
    for (const unit of job.units.values()) {
      holdUnit(state, unit)
      holdReserve(state, unit)
      reserved += unit.reserved
    }
    if (reserved !== job.reserved) throw new Error('a job reserves what its units do')
  }
  for (const node of state.nodes.values()) {
    if (node.stream === undefined && node.leases.size === 0) throw new Error('a node is gone')
  }
}

function holdUnit(state: State, { stage, leases, ballots, number }: Unit): void {
  const apart = state.ledger.chain.tip?.governance.rates.apart
  const parts = [...leases, ...ballots]
  const slots = new Set(parts.map(({ slot }) => slot))
  if (slots.size < parts.length) throw new Error(`two have one slot of unit ${number}`)
  if (stage === 'decided' && leases.size > 0) throw new Error('what is decided is not leased')
  const owners = new Set(Array.from(leases, ({ node }) => node.owner))
  if (owners.size < leases.size) throw new Error(`an owner has two leases of unit ${number}`)
  const networks = new Set(Array.from(leases, ({ network }) => network))
  if (apart === 'networks' && networks.size < leases.size) {
    throw new Error(`a network has two leases of unit ${number}`)
  }
  for (const { over } of leases) if (over) throw new Error('a lease that is over is forgotten')
}

/** What may be accepted of a unit can be paid, and nothing is set aside for one that is decided. */
function holdReserve(state: State, { job, number, stage, leases, ballots, reserved }: Unit): void {
  const price = reservedFor(rowOf(state, job), job.job)
  const parts = stage === 'decided' ? 0 : leases.size + ballots.length
  if (parts === 0 || price === 0) {
    if (reserved !== 0) throw new Error(`unit ${number} reserves something for nothing`)
    return
  }
  const holding = ballots.filter(({ slot }) => {
    return balanceOf(state.ledger.state, accounts.hold(job.id, number, slot)) > 0
  })
  if (reserved < price * (parts - holding.length)) {
    throw new Error(`unit ${number} reserves less than its executions may cost`)
  }
}
