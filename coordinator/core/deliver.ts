import { isDone } from '@nexapod/ledger'
import {
  blame,
  type Execution,
  type Lease,
  leaseDocument,
  limits,
  type ReceiptId,
  type Refusal,
  type ResultId,
  receiptId,
  refusalOf,
  reopen,
} from '@nexapod/specs'
import type { Ballot, JobBook, Live, NodeBook, Unit } from './book.ts'
import { compareBallot } from './comparing.ts'
import { tellDecided } from './covered.ts'
import { cancelLease, endLease, isGivenTo, isLater, liveOf } from './leases.ts'
import { takeProbe } from './probes.ts'
import { checkReceipt, type Delivery } from './receipt-check.ts'
import { canReserve, reserve } from './reserve.ts'
import { receiptRow } from './row.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'
import { hasFailed, noteLate, noteVoter, unitAt } from './units.ts'

/**
 * Takes a result: sealed on the chain first, acknowledged when that is on the disk. What is refused
 * is told with its execution; only what cannot be read ends the stream.
 */
export function deliver(turn: Turn, node: NodeBook, delivery: Delivery): Refusal | undefined {
  const read = reopen(leaseDocument, delivery.lease)
  // There is nothing then that a refusal could name.
  if (!read.ok) return read.refusal
  const lease = read.value
  const live = liveOf(turn.state, node, lease)
  const isGiven = isGivenTo(turn.state, node, live, lease, delivery.lease)
  const refusal = isGiven ? take(turn, node, lease, delivery, live) : refusalOf('lease.unknown')
  if (refusal === undefined) return undefined
  turn.say(node, { type: 'refuse', refusal, execution: named(lease) })
  if (blame(refusal) === 'theirs') turn.tell({ type: 'refused', node: node.id, refusal })
  return undefined
}

function take(
  turn: Turn,
  node: NodeBook,
  lease: Lease,
  given: Delivery,
  live: Live | undefined,
): Refusal | undefined {
  const { state } = turn
  const { job: id, unit: number } = lease
  const book = state.jobs.get(id)
  if (book === undefined || number >= book.count) return withoutJob(turn, node, lease)
  const known = book.units.get(number)
  const ballot = known?.ballots.find(({ slot }) => slot === lease.slot)
  if (known !== undefined && ballot !== undefined) {
    return repeated(turn, node, { unit: known, ballot, lease, given })
  }
  if (known === undefined && isDone(state.ledger.state, id, number)) {
    tellDecided(turn, node, named(lease), turn.size - 1)
    return undefined
  }
  if (known?.stage === 'decided') {
    tellDecided(turn, node, named(lease), known.seq)
    return refusalOf('lease.fenced', { detail: 'it was decided' })
  }
  if (state.ledger.state.jobs.get(id)?.cancelled) {
    tellDecided(turn, node, named(lease), turn.size - 1)
    return refusalOf('job.ended')
  }
  if (known !== undefined && isPassed(known, lease)) return tooLate(known, node, lease)
  const receipt = checkReceipt(state, book, given, lease)
  if (!receipt.ok) return receipt.refusal
  // Sealed in an epoch before: what was lost with it comes again, and only that.
  const unit = known ?? unitAt(book, number)
  const sealed = sealedIn(state, unit, lease.slot)
  if (sealed !== undefined && sealed !== receiptId(given.receipt)) {
    return refusalOf('receipt.conflict')
  }
  // What comes late was not set aside any more: what was given since comes first.
  const isCounted = sealed !== undefined || live !== undefined
  if (!isCounted && !canReserve(state, unit)) {
    state.toRule.add(unit)
    return tooLate(unit, node, lease)
  }
  seal(turn, { node, unit, lease, given, live }, receipt.value.result, sealed !== undefined)
  return undefined
}

interface Sealing {
  readonly node: NodeBook
  readonly unit: Unit
  readonly lease: Lease
  readonly given: Delivery
  /** The lease, if it holds. */
  readonly live: Live | undefined
}

/** Puts the digest of a receipt on the chain, if it is not there, and the receipt beside it. */
function seal(turn: Turn, sealing: Sealing, result: ResultId, isSealed: boolean): void {
  const { state } = turn
  const { node, unit, given, live } = sealing
  const { job, number } = unit
  const { manifest, receipt } = given
  const ballot = ballotOf(sealing, result)
  const { slot, epoch, fence, network, referee, round } = ballot
  const id = receiptId(receipt)
  if (!isSealed) {
    turn.note([{ type: 'receipt', job: job.id, unit: number, slot, epoch, fence, sealed: id }])
  }
  const row = { type: 'receipt' as const, receipt, manifest, network, referee, round }
  turn.keep(receiptRow(job.id, number, slot), row)
  turn.acknowledge(node, id)
  unit.ballots.push(ballot)
  reserve(state, unit)
  unit.waitsSince = undefined
  unit.waitedMs = 0
  freeOthers(turn, unit, ballot)
  noteVoter(state, node.id, unit)
  if (live !== undefined) {
    endLease(state, live)
    takeProbe(turn, node, live, ballot)
  }
  compareBallot(turn, unit, ballot)
  state.toRule.add(unit)
  settlePrice(turn, job, ballot)
}

/** Who delivered late may have been given the unit once more: its owner has its vote. */
function freeOthers(turn: Turn, unit: Unit, { slot, owner }: Ballot): void {
  if (unit.leases.size === 0) return
  for (const live of [...unit.leases]) {
    if (live.node.owner === owner && live.slot !== slot) cancelLease(turn, live)
  }
}

function ballotOf({ node, unit, lease, given, live }: Sealing, result: ResultId): Ballot {
  const { slot, epoch, fence } = lease
  const { outcome } = given.manifest
  return {
    slot,
    epoch,
    fence,
    node: node.id,
    owner: node.owner,
    network: live?.network ?? node.network,
    platform: node.platform,
    result,
    failed: hasFailed(unit.job.job, outcome),
    referee: live?.referee ?? false,
    round: live?.round ?? unit.rounds,
    says: undefined,
    receipt: given.receipt,
    outcome,
    isVoid: false,
  }
}

interface Repeated {
  readonly unit: Unit
  readonly ballot: Ballot
  readonly lease: Lease
  readonly given: Delivery
}

/** A slot has its receipt: the same again gets the same answer. */
function repeated(
  turn: Turn,
  node: NodeBook,
  { unit, ballot, lease, given }: Repeated,
): Refusal | undefined {
  const isSame = ballot.epoch === lease.epoch && ballot.fence === lease.fence
  if (!isSame) {
    if (unit.stage === 'open') return tooLate(unit, node, lease)
    tellDecided(turn, node, named(lease), unit.seq)
    return refusalOf('lease.fenced')
  }
  if (ballot.receipt === undefined) {
    tellDecided(turn, node, named(lease), unit.seq)
    return undefined
  }
  const id = receiptId(ballot.receipt)
  if (id !== receiptId(given.receipt)) return refusalOf('receipt.conflict')
  turn.acknowledge(node, id)
  return undefined
}

/** The job has ended, or there never was one. */
function withoutJob(turn: Turn, node: NodeBook, lease: Lease): Refusal | undefined {
  const row = turn.state.ledger.state.jobs.get(lease.job)
  if (row === undefined) return refusalOf('job.unknown')
  if (lease.unit >= row.units) return refusalOf('document.rule')
  tellDecided(turn, node, named(lease), turn.size - 1)
  return undefined
}

/** Who comes too late may have been promised an answer in an epoch before: it gets the verdict. */
function tooLate(unit: Unit, { id }: NodeBook, lease: Lease): Refusal {
  noteLate(unit, id, named(lease))
  return refusalOf('lease.fenced')
}

/** Whether the slot was leased again under a later fence, or the unit has no room any more. */
function isPassed(unit: Unit, { slot, epoch, fence }: Lease): boolean {
  if (unit.ballots.length >= limits.slotsMax) return true
  for (const live of unit.leases) {
    if (live.slot === slot && isLater(live, { epoch, fence })) return true
  }
  return false
}

/** Corrects what the queue counted for an execution by what it really took. */
function settlePrice({ state }: Turn, { id, kind }: JobBook, { outcome }: Ballot): void {
  if (kind === 'wasm') state.queue.settle(id, Math.ceil((outcome?.fuel ?? 0) / 1e6))
}

/** What the chain has in a slot of a unit, if a receipt waits there. */
function sealedIn({ ledger }: State, { job, number }: Unit, slot: number): ReceiptId | undefined {
  const row = ledger.state.units.get(job.id, number)
  return row?.type === 'open' ? row.sealed.find((one) => one.slot === slot)?.receipt : undefined
}

function named({ job, unit, slot, epoch, fence }: Lease): Execution {
  return { job, unit, slot, epoch, fence }
}
