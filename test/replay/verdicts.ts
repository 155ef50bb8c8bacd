import {
  accounts,
  type JobId,
  type NodeId,
  type Outcome,
  type Receipt,
  receiptDocument,
  receiptId,
  resultId,
  type Signed,
  transferId,
} from '../../specs/index.ts'
import {
  type Book,
  type FactOf,
  type KnownJob,
  known,
  must,
  opened,
  ownerOf,
  type Sealed,
  type Step,
  unitOf,
  type Winner,
} from './book.ts'
import { checkOpenUnit, openJob } from './jobs.ts'

/** A unit is decided. */
export function learnVerdict(step: Step, fact: FactOf<'verdict'>): void {
  const { book, entry } = step
  const job = openJob(book, fact.job)
  checkOpenUnit(book, fact.job, fact.unit)
  const unit = unitOf(book, fact.job, fact.unit)
  const unopened = [...unit.sealed]
  const receipts = fact.receipts.map((signed) => openSealed(step, fact, signed, unopened))
  const { decided } = fact
  const winners = decided.type === 'accepted' ? winnersOf(step, job, fact, decided, receipts) : []
  if (decided.type === 'accepted') {
    const result = resultId(decided.outcome)
    step.accepted.set(`${fact.job}/${fact.unit}`, { result, winners, unopened })
    countVerdict(book, job, winners, receipts, decided.agreeing)
    oweEarnings(step, job, decided.outcome, winners)
  } else {
    checkAllOpened(step, unopened)
  }
  const accepted = decided.type === 'accepted'
  unit.decided = { at: entry.time, accepted, winners, wrong: false }
}

/** A referee ran an accepted unit again. */
export function learnAudit(step: Step, fact: FactOf<'audit'>): void {
  const { book, entry } = step
  const verdict = step.accepted.get(`${fact.job}/${fact.unit}`)
  must(verdict !== undefined, 'audit: the verdict stands before it in the entry')
  const receipt = openSealed(step, fact, fact.receipt, verdict.unopened)
  const referee = ownerOf(book, receipt.node, entry.time)
  const apart = verdict.winners.every((winner) => winner.owner !== referee)
  must(apart, 'audit: the referee is of another owner than each that wins')
  const same = receipt.result === verdict.result
  const { exact } = openJob(book, fact.job)
  must(fact.agrees ? same || !exact : !same, 'audit: agrees is what the comparison says')
  const { decided } = unitOf(book, fact.job, fact.unit)
  if (decided !== undefined && !fact.agrees) decided.wrong = true
  const kind = openJob(book, fact.job).executor.type
  for (const { node } of verdict.winners) count(book, node, kind, fact.agrees ? 'vouch' : 'strike')
}

/** Says that what had to be opened by an audit was. */
export function checkAllOpened({ entry }: Step, unopened: readonly Sealed[]): void {
  const left = unopened.filter((sealed) => sealed.epoch === entry.epoch)
  must(left.length === 0, 'verdict: each receipt of this epoch is opened')
}

/** A receipt that opens, and is that sealed in its slot; its slot is taken off those unopened. */
function openSealed(
  { book, opening }: Step,
  { job, unit }: { readonly job: JobId; readonly unit: number },
  signed: Signed<Receipt>,
  unopened: Sealed[],
): Receipt {
  const receipt = opened(opening, receiptDocument, signed)
  must(receipt.chain === book.chain, 'verdict: a receipt is of this chain')
  must(receipt.job === job && receipt.unit === unit, 'verdict: a receipt is of its job and unit')
  const at = unopened.findIndex((one) => one.slot === receipt.slot)
  const sealed = known(unopened[at], 'verdict: a receipt was sealed in its slot, and is new')
  must(sealed.receipt === receiptId(signed), 'verdict: a receipt has the digest that was sealed')
  const same = sealed.epoch === receipt.epoch && sealed.fence === receipt.fence
  must(same, 'verdict: a receipt has the epoch and fence that were sealed')
  unopened.splice(at, 1)
  return receipt
}

function winnersOf(
  { book, entry }: Step,
  job: KnownJob,
  fact: FactOf<'verdict'>,
  { outcome, agreeing }: { outcome: Outcome; agreeing: readonly number[] },
  receipts: readonly Receipt[],
): Winner[] {
  const ofUnit = outcome.job === fact.job && outcome.unit === fact.unit
  must(ofUnit, 'verdict: the outcome is of its job and unit')
  const counted = job.executor.type === 'wasm'
  must((outcome.fuel !== undefined) === counted, 'verdict: fuel is of modules alone')
  const same = receipts.filter((one) => one.result === resultId(outcome))
  must(same.length > 0, 'verdict: its result is that of a receipt')
  const all = same.every((one) => agreeing.includes(one.slot))
  must(all, 'verdict: those with the same result agree')
  const may = job.exact ? same : receipts
  const good = agreeing.every((slot) => may.some((one) => one.slot === slot))
  must(good, 'verdict: those agree that the comparison takes')
  const winners: Winner[] = []
  for (const slot of agreeing) {
    const { node, epoch, fence } = receipts.find((one) => one.slot === slot) as Receipt
    const owner = ownerOf(book, node, entry.time)
    if (winners.some((winner) => winner.owner === owner)) continue
    winners.push({ slot, epoch, fence, node, owner })
  }
  return winners
}

/** What has to be earned in the entry: transfer.md, rules 7 and 8. */
function oweEarnings(
  { owed }: Step,
  { executor, funded }: KnownJob,
  { job, unit, fuel }: Outcome,
  winners: readonly Winner[],
): void {
  if (executor.type === 'docker' && funded) return
  const from = funded ? accounts.escrow(job) : accounts.mint
  for (const { slot } of winners) {
    const micro = executor.type === 'docker' ? executor.priceMicro : fuelMicro(executor, fuel ?? 0)
    const purpose = { type: 'earn' as const, job, unit, slot }
    owed.set(transferId(purpose), { purpose, from, to: accounts.hold(job, unit, slot), micro })
  }
}

/** mesh.md, rule 10. */
function fuelMicro({ microPerGigafuel }: { microPerGigafuel: number }, fuel: number): number {
  const micro = (BigInt(fuel) * BigInt(microPerGigafuel)) / 1_000_000_000n
  return micro < 1n ? 1 : Number(micro)
}

/** state.md, reputation. */
function countVerdict(
  book: Book,
  { executor }: KnownJob,
  winners: readonly Winner[],
  receipts: readonly Receipt[],
  agreeing: readonly number[],
): void {
  const vouched = (node: NodeId) => book.reputations.get(`${node}/${executor.type}`)?.vouched ?? 0
  const anchors = winners.filter(({ node }) => vouched(node) >= 100)
  for (const { node } of winners) {
    count(book, node, executor.type, 'pass')
    const byOther = anchors.some((anchor) => anchor.node !== node)
    if (byOther) count(book, node, executor.type, 'vouch')
  }
  const right = new Set(receipts.filter((one) => agreeing.includes(one.slot)).map((o) => o.node))
  const wrong = new Set(receipts.map((one) => one.node).filter((node) => !right.has(node)))
  for (const node of wrong) count(book, node, executor.type, 'strike')
}

function count(
  { reputations }: Book,
  node: NodeId,
  kind: 'wasm' | 'docker',
  what: 'pass' | 'vouch' | 'strike',
): void {
  const key = `${node}/${kind}`
  const was = reputations.get(key) ?? { vouched: 0, passes: 0, strikes: 0 }
  if (what === 'pass') reputations.set(key, { ...was, passes: was.passes + 1 })
  if (what === 'vouch') reputations.set(key, { ...was, vouched: was.vouched + 1 })
  if (what === 'strike') reputations.set(key, { ...was, vouched: 0, strikes: was.strikes + 1 })
}
