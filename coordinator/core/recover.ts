import { isDone } from '@nexapod/ledger'
import {
  type Entry,
  jobDocument,
  jobId,
  type Outcome,
  type Request,
  type RowOf,
  receiptDocument,
  receiptId,
  reopen,
  requestDocument,
  resultId,
  type Signed,
  type TransferId,
  unitsPerRow,
} from '@nexapod/specs'
import type { Ballot, JobBook, Metering, Unit } from './book.ts'
import { cancelled } from './closing.ts'
import { bookOf, enqueue, noteDeadline } from './jobs.ts'
import { isBanned, ownerNow, platformOf, standingOf } from './people.ts'
import { reserve } from './reserve.ts'
import { jobRow, type Named, outcomeRow, type Row, receiptRow } from './row.ts'
import { noteBond } from './settle.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'
import { hasFailed, noteVoter, unitAt } from './units.ts'

type OwnRows = ReadonlyMap<string, Row>
type UnitRow = RowOf<'unit'>

/** The rows beside a chain that can be had from an entry of it, if they were lost. */
export function rowsFrom({ facts }: Entry): Named[] {
  const rows: Named[] = []
  for (const fact of facts) {
    if (fact.type === 'job') {
      rows.push({ name: jobRow(jobId(fact.job)), row: { type: 'job', job: fact.job } })
    }
    if (fact.type !== 'verdict' || fact.decided.type !== 'accepted') continue
    const { outcome } = fact.decided
    rows.push({ name: outcomeRow(fact.job, fact.unit), row: { type: 'outcome', outcome } })
  }
  return rows
}

/** Takes up all jobs that have not ended, as the ledger and the rows beside it know them. */
export function recover(turn: Turn, rows: OwnRows): void {
  const { state } = turn
  const { ledger } = state
  const beside = { rows, meters: metersOf(state) }
  // Between equals, what came first goes first: rows come in no order of that kind.
  const jobs = jobsIn(turn, rows).sort((a, b) => a.row.seq - b.row.seq)
  for (const { book, row } of jobs) recoverJob(turn, book, row, beside)
  for (const [name, row] of rows) {
    if (row.type === 'name') noteNaming(state, row.request)
    const isOver = row.type === 'outcome' && !isHere(state, row.outcome)
    if (isOver) turn.keep(name)
  }
  settleInOrder(state)
  for (const [id, { node, owner, micro, executor }] of ledger.state.bonds.entries()) {
    noteBond(state, node, owner, { id: id as TransferId, micro, kind: executor })
    state.changed.add(node)
  }
  // How many verdicts ago is not known any more: in turn for longer costs time and nothing else.
  if (!ledger.state.bans.entries().next().done) state.sinceBan = 0
}

/** The jobs that have not ended; the rows of others are dropped. */
function jobsIn(
  turn: Turn,
  rows: OwnRows,
): { readonly book: JobBook; readonly row: RowOf<'job'> }[] {
  const jobs = []
  for (const [name, row] of rows) {
    if (row.type !== 'job') continue
    const read = reopen(jobDocument, row.job)
    if (!read.ok) throw new Error(`the row ${name} holds no job`)
    const id = jobId(row.job)
    const known = turn.state.ledger.state.jobs.get(id)
    if (known === undefined || known.ended !== undefined) turn.keep(name)
    else jobs.push({ book: bookOf(id, row.job, read.value), row: known })
  }
  return jobs
}

function isHere({ jobs }: State, { job, unit }: Outcome): boolean {
  return jobs.get(job)?.units.has(unit) === true
}

function noteNaming({ namings }: State, request: Signed<Request>): void {
  const read = reopen(requestDocument, request)
  if (!read.ok) throw new Error('a name that was asked for is none')
  namings.set(read.value.from, read.value.counter)
}

interface Beside {
  readonly rows: OwnRows
  /** By job and unit: what is held of what was metered. */
  readonly meters: ReadonlyMap<string, readonly Metering[]>
}

function recoverJob(turn: Turn, book: JobBook, row: RowOf<'job'>, beside: Beside): void {
  const { state } = turn
  const { id, job } = book
  state.jobs.set(id, book)
  for (const [number, unit] of state.ledger.state.units.entries(id)) {
    const known = unitAt(book, number)
    recoverUnit(turn, known, unit, beside)
    reserve(state, known)
    book.begun = Math.max(book.begun, number + 1)
  }
  for (const [number, { bits }] of state.ledger.state.done.entries(id)) {
    book.begun = Math.max(book.begun, number * unitsPerRow + lastBit(bits) + 1)
  }
  for (let number = 0; number < book.begun; number++) {
    if (!book.units.has(number) && !isDone(state.ledger.state, id, number)) unitAt(book, number)
  }
  const use = state.uses.get(job.publisher) ?? { jobs: 0, units: 0 }
  state.uses.set(job.publisher, { jobs: use.jobs + 1, units: use.units + row.undecided })
  state.ending.add(book)
  if (row.cancelled) {
    book.closing = cancelled(book)
    return
  }
  noteDeadline(turn, book)
  if (state.probes?.book.id === id) {
    // Probes that were out are lost; whoever was tried is tried again.
    state.probes = { ...state.probes, book, next: book.begun }
    return
  }
  for (const unit of book.units.values()) if (unit.stage === 'open') state.toRule.add(unit)
  enqueue(turn, book)
}

function recoverUnit(turn: Turn, unit: Unit, row: UnitRow, { rows, meters }: Beside): void {
  const { state } = turn
  const { job, number } = unit
  const kept = rows.get(outcomeRow(job.id, number))
  const outcome = kept?.type === 'outcome' ? kept.outcome : undefined
  unit.rounds = row.votes.length > 0 ? 1 : 0
  unit.meters.push(...(meters.get(`${job.id}/${number}`) ?? []))
  unit.outcome = outcome
  unit.says = outcome && resultId(outcome)
  for (const vote of row.votes) unit.ballots.push(votedBefore(state, unit, vote))
  if (row.type === 'open') {
    for (const { slot, receipt } of row.sealed) {
      const kept = rows.get(receiptRow(job.id, number, slot))
      const ballot = sealedBefore(turn, job, kept, receipt)
      if (ballot !== undefined) unit.ballots.push(ballot)
    }
  } else {
    unit.stage = 'decided'
    unit.decidedAt = row.at
    unit.seq = (state.ledger.chain.tip?.size ?? 1) - 1
    if (!row.votes.some(({ wins }) => wins)) {
      unit.outcome = undefined
      unit.says = undefined
    }
  }
  for (const { node } of unit.ballots) noteVoter(state, node, unit)
  // What somebody in doubt helped to win was perhaps to be looked at when the process ended.
  const inDoubt = ({ isVoid, owner }: Ballot) => isVoid || isBanned(state, owner)
  if (unit.ballots.some(inDoubt)) state.toRule.add(unit)
}

/** A vote that a verdict opened. What it leaves behind is forgotten: where it came from. */
function votedBefore(state: State, { says, job }: Unit, vote: UnitRow['votes'][number]): Ballot {
  const standing = standingOf(state, vote.node, job.kind)
  const { slot, epoch, fence, node, owner, result, referee, wins, passed, struck } = vote
  return {
    ...{ slot, epoch, fence, node, owner, result, referee },
    network: `of slot ${slot}`,
    platform: platformOf(state, node),
    // Who neither passed nor was struck costs nobody anything; but who is banned agreed.
    failed: !wins && !passed && !struck && result !== says,
    round: 0,
    says: wins ? (says ?? result) : result,
    receipt: undefined,
    outcome: undefined,
    // Nobody believed in it since it was wrong.
    isVoid: wins && standing.strikes > 0 && standing.vouched === 0,
  }
}

/** A vote that is sealed, if its receipt is beside the chain. */
function sealedBefore(
  { state, time }: Turn,
  { job }: JobBook,
  row: Row | undefined,
  id: string,
): Ballot | undefined {
  if (row?.type !== 'receipt' || receiptId(row.receipt) !== id) return undefined
  const read = reopen(receiptDocument, row.receipt)
  if (!read.ok) throw new Error('a receipt that was sealed is none')
  const { slot, epoch, fence, node, result } = read.value
  const { network, referee, round, manifest } = row
  return {
    ...{ slot, epoch, fence, node, result, network, referee, round },
    owner: ownerNow(state, node, time),
    platform: platformOf(state, node),
    failed: hasFailed(job, manifest.outcome),
    says: undefined,
    receipt: row.receipt,
    outcome: manifest.outcome,
    isVoid: false,
  }
}

/** Decided units are settled in the order of their verdicts. */
function settleInOrder(state: State): void {
  const decided: Unit[] = []
  for (const { units } of state.jobs.values()) {
    for (const unit of units.values()) if (unit.stage === 'decided') decided.push(unit)
  }
  decided.sort((a, b) => a.decidedAt - b.decidedAt)
  for (const unit of decided) {
    if (unit.outcome === undefined) state.clearing.add(unit)
    else state.settling.push({ unit, at: unit.decidedAt })
  }
}

function metersOf({ ledger }: State): Map<string, Metering[]> {
  const meters = new Map<string, Metering[]>()
  for (const [id, { job, unit, slot, epoch, fence, micro }] of ledger.state.meters.entries()) {
    const key = `${job}/${unit}`
    const metering = { id: id as TransferId, slot, epoch, fence, micro }
    meters.set(key, [...(meters.get(key) ?? []), metering])
  }
  return meters
}

function lastBit(bits: Uint8Array): number {
  for (let byte = bits.length - 1; byte >= 0; byte--) {
    const value = bits[byte] as number
    if (value !== 0) return byte * 8 + 31 - Math.clz32(value)
  }
  return -1
}
