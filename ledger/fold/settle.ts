import {
  type Account,
  accounts,
  type Execution,
  type Fact,
  type JobId,
  type Purpose,
  transferId,
} from '@nexapod/specs'
import { type Executor, isAnchor } from './anchors.ts'
import { isMetered, openJob, sourceOf } from './jobs.ts'
import type { Learning } from './learning.ts'
import { must, needed } from './rule.ts'
import { balanceOf, type JobRow, type State, type UnitRow, type Vote } from './state.ts'
import { keepDecided } from './units.ts'

type Moved = Fact & { readonly type: 'transfer' }
type Settle = Purpose & { readonly type: 'settle' }
type Held = Pick<Execution, 'job' | 'unit' | 'slot'>

const once = 'what is settled was held there, and is settled once'

/** What is held ends: paid to who agreed, when audits are over; or back, if it was not right. */
export function settle(learning: Learning, fact: Moved, purpose: Settle): void {
  const { state, entry, governance } = learning
  if (fact.from.startsWith('bond/')) {
    endBond(learning, fact, purpose)
    return
  }
  const held = heldIn(fact.from)
  const { job: id } = held
  const job = openJob(state, id)
  const row = needed(state.units.get(id, held.unit), once)
  const execution = endHeld(state, fact, purpose, held, job)
  const winner = winnerOf(state, row, held.slot, execution)
  if (winner !== undefined) {
    const from = winner.at + governance.rates.settleMs
    must(entry.time >= from, 'what is earned settles when audits are over')
    pay(learning, fact, purpose, job.executor.type, winner.vote)
  } else {
    const over = row.type === 'decided' || (job.cancelled && execution !== undefined)
    must(over, 'what is open is not settled')
    must(fact.to === sourceOf(id, job), 'what is not right goes back')
  }
  state.jobs.set(id, { ...job, held: job.held - 1 })
  const rest = { ...row, held: row.held - 1 }
  if (rest.type === 'decided') keepDecided(state, id, held.unit, { ...rest, closing: true })
  else state.units.set(id, held.unit, rest)
}

/** Of which slot an account holds something: hold/, a job, a unit and a slot. */
function heldIn(hold: Account): Held {
  const end = hold.lastIndexOf('/')
  const middle = hold.lastIndexOf('/', end - 1)
  return {
    job: hold.slice('hold/'.length, middle) as JobId,
    unit: Number(hold.slice(middle + 1, end)),
    slot: Number(hold.slice(end + 1)),
  }
}

/** Ends a metering, or else the one earning that is in the account; gives whose time it was. */
function endHeld(
  state: State,
  { from, micro }: Moved,
  { of }: Settle,
  { job, unit, slot }: Held,
  row: JobRow,
): Execution | undefined {
  const meter = state.meters.get(of)
  if (meter !== undefined) {
    must(meter.job === job && meter.unit === unit && meter.slot === slot, once)
    must(micro === meter.micro, 'what is held is settled whole')
    state.meters.delete(of)
    return meter
  }
  must(!isMetered(row) && of === transferId({ type: 'earn', job, unit, slot }), once)
  const balance = balanceOf(state, from)
  must(balance > 0, once)
  must(micro === balance, 'what is held is settled whole')
  return undefined
}

/** Who is paid for a slot, and since when it is decided; of what was metered, for its own time. */
function winnerOf(state: State, row: UnitRow, slot: number, execution: Execution | undefined) {
  if (row.type === 'open') return undefined
  const vote = row.votes.find((one) => one.slot === slot)
  if (vote === undefined || !vote.wins || state.bans.get(vote.owner) !== undefined) return undefined
  const own =
    execution === undefined || (execution.epoch === vote.epoch && execution.fence === vote.fence)
  return own ? { vote, at: row.at } : undefined
}

/** What is right is its owner's, if the node has shown itself; until then it waits as a bond. */
function pay(
  learning: Learning,
  { to, micro }: Moved,
  purpose: Settle,
  executor: Executor,
  vote: Vote,
): void {
  const { node, owner } = vote
  if (isAnchor(learning, vote, executor)) {
    must(to === accounts.owner(owner), 'what is right goes to its owner')
    return
  }
  must(to === accounts.bond(node), 'what a newcomer earns waits')
  learning.state.bonds.set(transferId(purpose), { node, owner, micro, executor })
}

/** A bond goes back to its owner, one that was earned when the node has shown itself. */
function endBond(learning: Learning, { from, to, micro }: Moved, { of }: Settle): void {
  const { state } = learning
  const bond = needed(state.bonds.get(of), once)
  must(from === accounts.bond(bond.node), once)
  must(micro === bond.micro, 'a bond is settled whole')
  if (state.bans.get(bond.owner) !== undefined) {
    must(to === accounts.slash, 'the bond of who is banned is forfeited')
  } else {
    must(to === accounts.owner(bond.owner), 'a bond goes to its owner')
    const shown = bond.executor === undefined || isAnchor(learning, bond, bond.executor)
    must(shown, 'what a newcomer earned waits')
  }
  state.bonds.delete(of)
}
