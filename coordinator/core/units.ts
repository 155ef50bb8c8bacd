import { isDone } from '@nexapod/ledger'
import {
  type Execution,
  type Job,
  limits,
  type NodeId,
  type Outcome,
  type OwnerId,
} from '@nexapod/specs'
import type { JobBook, Live, Unit } from './book.ts'
import { Few } from './few.ts'
import { ownerNow } from './people.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** A unit of a job, put down if nothing was known of it. */
export function unitAt(job: JobBook, number: number): Unit {
  const known = job.units.get(number)
  if (known !== undefined) return known
  const unit: Unit = {
    job,
    number,
    stage: 'open',
    ballots: [],
    leases: new Few(),
    reserved: 0,
    passed: undefined,
    takenBack: undefined,
    rounds: 0,
    outcome: undefined,
    says: undefined,
    decidedAt: 0,
    seq: 0,
    waitsSince: undefined,
    waitedMs: 0,
    drawn: undefined,
    late: [],
    meters: [],
  }
  job.units.set(number, unit)
  return unit
}

/** Whether a unit is decided, final or not. */
export function isDecided({ ledger }: State, { id, units }: JobBook, number: number): boolean {
  const known = units.get(number)
  return known === undefined ? isDone(ledger.state, id, number) : known.stage === 'decided'
}

/** Whether a unit came to no good end: then it is no result. */
export function hasFailed({ executors }: Job, { ended }: Outcome): boolean {
  if (ended.type !== 'exit') return true
  return ended.code !== 0 && executors[ended.executor]?.ignoreError !== true
}

/** Who has a part in a unit but for one, or gave it up a moment ago: owners, and networks. */
export function heldOf(
  { state, at, time }: Pick<Turn, 'state' | 'at' | 'time'>,
  unit: Unit,
  but?: Live,
): string[] {
  const apart = state.ledger.chain.tip?.governance.rates.apart ?? 'networks'
  const held: string[] = []
  const hold = (owner: OwnerId, network: string) => {
    held.push(owner)
    if (apart === 'networks') held.push(network)
  }
  for (const { node, owner, network } of unit.ballots) {
    hold(owner, network)
    // Whose a vote was stays so, and its node does not get the unit again with another owner.
    const now = ownerNow(state, node, time)
    if (now !== owner) hold(now, network)
  }
  for (const live of unit.leases) if (live !== but) hold(live.node.owner, live.network)
  for (const [owner, { until }] of unit.passed ?? []) if (until > at) held.push(owner)
  return held
}

/** How long a unit has waited for somebody who suits it, since somebody voted last. */
export function waitedOf({ waitedMs, waitsSince }: Unit, at: number): number {
  return waitedMs + (waitsSince === undefined ? 0 : at - waitsSince)
}

/**
 * A slot that nobody has, drawn so that its number tells nothing. One that was taken back is left
 * alone for as long as its node may not know that, if there is another.
 */
export function freeSlot({ at, draws, ledger }: State, unit: Unit): number | undefined {
  const { ballots, leases, takenBack, job, number } = unit
  // As bits: it is asked for with every lease.
  let taken = 0
  for (const { slot } of ballots) taken |= 1 << slot
  for (const { slot } of leases) taken |= 1 << slot
  const row = ledger.state.units.get(job.id, number)
  if (row?.type === 'open') for (const { slot } of row.sealed) taken |= 1 << slot
  let loud = 0
  for (const [slot, until] of takenBack ?? []) if (until > at) loud |= 1 << slot
  const quiet = allSlots & ~(taken | loud)
  const free = quiet === 0 ? allSlots & ~taken : quiet
  return slotAt(free, draws.below(countOf(free)))
}

const allSlots = (1 << limits.slotsMax) - 1

function countOf(slots: number): number {
  let count = 0
  for (let rest = slots; rest !== 0; rest &= rest - 1) count++
  return count
}

/** One of some slots, by its place among them. */
function slotAt(slots: number, place: number): number | undefined {
  let left = place
  for (let slot = 0; slot < limits.slotsMax; slot++) {
    if ((slots & (1 << slot)) !== 0 && left-- === 0) return slot
  }
  return undefined
}

/** Remembers that a node voted on a unit that is not final. */
export function noteVoter({ voted }: State, node: NodeId, unit: Unit): void {
  const units = voted.get(node)
  if (units === undefined) voted.set(node, new Set([unit]))
  else units.add(unit)
}

/** A unit is final, and nothing of it is remembered. */
export function forgetUnit({ voted, toRule }: State, unit: Unit): void {
  unit.job.units.delete(unit.number)
  toRule.delete(unit)
  for (const { node } of unit.ballots) {
    const units = voted.get(node)
    if (units?.delete(unit) && units.size === 0) voted.delete(node)
  }
}

/** Who comes too late may have been promised an answer in an epoch before: it gets the verdict. */
export function noteLate({ late }: Unit, node: NodeId, execution: Execution): void {
  if (late.length < limits.slotsMax) late.push({ node, execution })
}
