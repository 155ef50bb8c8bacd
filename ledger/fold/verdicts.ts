import {
  accounts,
  anchorPasses,
  earned,
  type Fact,
  type NodeId,
  type Outcome,
  type Receipt,
  type ResultId,
  receiptDocument,
  receiptId,
  resultId,
  type Signed,
  unitText,
} from '@nexapod/specs'
import { isMetered, openJob, sourceOf } from './jobs.ts'
import { type Learning, opened } from './learning.ts'
import { unopened, type Winner } from './owed.ts'
import { must, needed } from './rule.ts'
import { type JobRow, ownerOf, type Reputation, type State } from './state.ts'
import { keepDecided, type OpenUnit, openUnit } from './units.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }
type Accepted = Of<'verdict'>['decided'] & { readonly type: 'accepted' }
type Executor = JobRow['executor']['type']
type UnitOf = Pick<Of<'verdict'>, 'job' | 'unit'>

/** A receipt came in: its digest is kept, in its slot. */
export function learnReceipt({ state, entry }: Learning, fact: Of<'receipt'>): void {
  const { job: id, unit, slot, epoch, fence, sealed: receipt } = fact
  const job = openJob(state, id)
  must(!job.cancelled, 'a job that is cancelled takes no receipts')
  must(unit < job.units, 'a unit is one of its job')
  must(epoch <= entry.epoch, 'an epoch has begun before there are leases of it')
  const reserved = epoch < entry.epoch || fence < (state.meta.get('')?.fences ?? 0)
  must(reserved, 'a fence lies in a block that was reserved')
  const row = openUnit(state, id, unit)
  must(!row.sealed.some((one) => one.slot === slot), 'a slot has one receipt')
  const sealed = [...row.sealed, { slot, epoch, fence, receipt }]
  state.units.set(id, unit, { ...row, sealed })
}

/** A unit was decided. */
export function learnVerdict(learning: Learning, fact: Of<'verdict'>): void {
  const { state, entry, owed } = learning
  const { job: id, unit, decided } = fact
  const job = openJob(state, id)
  must(unit < job.units, 'a unit is one of its job')
  const row = openUnit(state, id, unit)
  let sealed = row.sealed
  const receipts = fact.receipts.map((signed) => {
    const receipt = revealed(learning, sealed, fact, signed)
    sealed = sealed.filter((one) => one.slot !== receipt.slot)
    return receipt
  })
  if (decided.type !== 'accepted') {
    must(!sealed.some((one) => one.epoch === entry.epoch), unopened)
    decide(learning, fact, job, row, [])
    return
  }
  const result = resultOf(fact, job, decided.outcome)
  const winners = winnersOf(learning, job, decided, result, receipts)
  const { type: executor } = job.executor
  count(state, executor, receipts, decided, winners)
  owed.audits.set(unitText(id, unit), { result, winners, executor, sealed, wrong: false })
  decide(learning, fact, job, row, winners, decided.outcome)
}

/** A referee ran the unit too. */
export function learnAudit(learning: Learning, fact: Of<'audit'>): void {
  const { state, entry, owed } = learning
  const { job: id, unit, agrees } = fact
  const job = openJob(state, id)
  const name = unitText(id, unit)
  const reviewed = needed(owed.audits.get(name), 'an audit follows the verdict of its unit')
  const { node, slot, result } = revealed(learning, reviewed.sealed, fact, fact.receipt)
  const owner = ownerOf(state, node, entry.time)
  must(!reviewed.winners.some((one) => one.owner === owner), 'a referee is no voter')
  checkAgrees(job, agrees, result === reviewed.result)
  for (const winner of reviewed.winners) {
    change(state, winner.node, reviewed.executor, agrees ? vouchedFor : struck)
  }
  const sealed = reviewed.sealed.filter((one) => one.slot !== slot)
  owed.audits.set(name, { ...reviewed, sealed, wrong: reviewed.wrong || !agrees })
  if (agrees || reviewed.wrong) return
  state.jobs.set(id, { ...job, accepted: job.accepted - 1 })
  const row = state.units.get(id, unit)
  if (row?.type === 'decided') state.units.set(id, unit, { ...row, wrong: true })
}

/** A receipt that is opened is the one whose digest was sealed. */
function revealed(
  learning: Learning,
  sealed: OpenUnit['sealed'],
  { job, unit }: UnitOf,
  signed: Signed<Receipt>,
): Receipt {
  const receipt = opened(learning, receiptDocument, signed)
  must(receipt.chain === learning.entry.chain, 'a receipt is of this chain')
  must(receipt.job === job && receipt.unit === unit, 'a receipt is of its unit')
  const id = receiptId(signed)
  const found = sealed.find((one) => one.slot === receipt.slot)
  must(found?.receipt === id, 'a receipt was sealed before it is opened, and is opened once')
  must(found.fence === receipt.fence && found.epoch === receipt.epoch, 'a fence is that sealed')
  return receipt
}

function resultOf({ job: id, unit }: UnitOf, job: JobRow, outcome: Outcome): ResultId {
  must(outcome.job === id && outcome.unit === unit, 'an outcome is of its unit')
  const counted = job.executor.type === 'wasm'
  must(counted === (outcome.fuel !== undefined), 'fuel is counted of modules, and of them alone')
  return resultId(outcome)
}

/** Of those whose receipts agree, the first of each owner: one owner cannot vote twice. */
function winnersOf(
  { state, entry }: Learning,
  job: JobRow,
  { agreeing }: Accepted,
  result: ResultId,
  receipts: readonly Receipt[],
): Winner[] {
  for (const receipt of receipts) {
    checkAgrees(job, agreeing.includes(receipt.slot), receipt.result === result)
  }
  const shown = receipts.some((receipt) => receipt.result === result)
  must(shown, 'an outcome is that of a receipt')
  const winners: Winner[] = []
  for (const slot of agreeing) {
    const found = receipts.find((receipt) => receipt.slot === slot)
    const { epoch, fence, node } = needed(found, 'who agrees has a receipt')
    const owner = ownerOf(state, node, entry.time)
    if (winners.some((one) => one.owner === owner)) continue
    winners.push({ slot, epoch, fence, node, owner })
  }
  return winners
}

/** Equal results agree; others only where the job has another comparison than by bytes. */
function checkAgrees({ exact }: JobRow, agrees: boolean, equal: boolean): void {
  must(agrees ? equal || !exact : !equal, 'who agrees is whom the comparison takes')
}

function decide(
  { state, entry, owed }: Learning,
  { job: id, unit }: UnitOf,
  job: JobRow,
  row: OpenUnit,
  winners: readonly Winner[],
  outcome?: Outcome,
): void {
  const micro = outcome === undefined ? 0 : dueOf(job, outcome)
  const earning = micro > 0 ? winners : []
  const from = sourceOf(id, job)
  for (const { slot } of earning) owed.earnings.set(accounts.hold(id, unit, slot), { from, micro })
  state.jobs.set(id, {
    ...job,
    undecided: job.undecided - 1,
    accepted: job.accepted + (outcome === undefined ? 0 : 1),
    held: job.held + earning.length,
  })
  keepDecided(state, id, unit, {
    type: 'decided',
    at: entry.time,
    winners: winners.map(({ slot, epoch, fence, owner }) => ({ slot, epoch, fence, owner })),
    wrong: false,
    held: row.held + earning.length,
  })
}

/** What an accepted unit earns for each of its winners; a metered one has earned already. */
function dueOf(job: JobRow, { fuel = 0 }: Outcome): number {
  if (job.executor.type === 'wasm') return earned(fuel, job.executor)
  return isMetered(job) ? 0 : job.executor.priceMicro
}

/** Passes and mismatches of those whose receipts were opened. */
function count(
  state: State,
  executor: Executor,
  receipts: readonly Receipt[],
  { agreeing }: Accepted,
  winners: readonly Winner[],
): void {
  const anchors = winners.filter(({ node }) => {
    return reputationOf(state, node, executor).vouched >= anchorPasses
  })
  for (const { node } of winners) {
    const vouched = anchors.some((anchor) => anchor.node !== node)
    change(state, node, executor, (was) => {
      const passed = { ...was, passes: was.passes + 1 }
      return vouched ? vouchedFor(passed) : passed
    })
  }
  const agreed = new Set(receipts.flatMap((one) => (agreeing.includes(one.slot) ? one.node : [])))
  const others = new Set(receipts.flatMap((one) => (agreed.has(one.node) ? [] : one.node)))
  for (const node of others) change(state, node, executor, struck)
}

function vouchedFor(was: Reputation): Reputation {
  return { ...was, vouched: was.vouched + 1 }
}

function struck(was: Reputation): Reputation {
  return { ...was, vouched: 0, strikes: was.strikes + 1 }
}

function change(
  state: State,
  node: NodeId,
  executor: Executor,
  to: (was: Reputation) => Reputation,
): void {
  state.reputations.set(`${node}/${executor}`, to(reputationOf(state, node, executor)))
}

function reputationOf(state: State, node: NodeId, executor: Executor): Reputation {
  return state.reputations.get(`${node}/${executor}`) ?? { vouched: 0, passes: 0, strikes: 0 }
}
