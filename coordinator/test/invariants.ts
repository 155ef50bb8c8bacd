import { accounts } from '@nexapod/specs'
import type { Unit } from '../core/book.ts'
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
    for (const unit of job.units.values()) reserved += holdUnit(state, unit)
    if (reserved !== job.reserved) throw new Error('a job reserves what its leases do')
  }
  for (const node of state.nodes.values()) {
    if (node.stream === undefined && node.leases.size === 0) throw new Error('a node is gone')
  }
}

function holdUnit(state: State, { stage, leases, ballots, number }: Unit): number {
  const apart = state.ledger.chain.tip?.governance.rates.apart
  const parts = [...leases, ...ballots]
  const slots = new Set(parts.map(({ slot }) => slot))
  if (slots.size < parts.length) throw new Error(`two have one slot of unit ${number}`)
  if (stage === 'decided' && leases.size > 0) throw new Error('what is decided is not leased')
  const owners = new Set(Array.from(leases, ({ owner }) => owner))
  if (owners.size < leases.size) throw new Error(`an owner has two leases of unit ${number}`)
  const networks = new Set(Array.from(leases, ({ network }) => network))
  if (apart === 'networks' && networks.size < leases.size) {
    throw new Error(`a network has two leases of unit ${number}`)
  }
  let reserved = 0
  for (const { over, reserved: own } of leases) {
    if (over) throw new Error('a lease that is over is forgotten')
    reserved += own
  }
  return reserved
}
