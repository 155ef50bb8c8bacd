import {
  accounts,
  type Outcome,
  type Receipt,
  receiptDocument,
  receiptId,
  resultId,
  type Signed,
  transferId,
} from '../../specs/index.ts'
import {
  balanceOf,
  type FactOf,
  heldOf,
  type KnownJob,
  type KnownUnit,
  known,
  must,
  opened,
  ownerOf,
  type Step,
  unitOf,
  type Vote,
} from './book.ts'
import { checkOpenUnit, openJob } from './jobs.ts'
import { countVotes, isMember } from './reputations.ts'

/** A unit is decided. */
export function learnVerdict(step: Step, fact: FactOf<'verdict'>): void {
  const { book, entry } = step
  const job = openJob(book, fact.job)
  checkOpenUnit(book, fact.job, fact.unit)
  const unit = unitOf(book, fact.job, fact.unit)
  const fresh: Vote[] = []
  for (const signed of fact.receipts) fresh.push(openSealed(step, unit, signed, fresh))
  const shown = (slot: number) => fresh.some((vote) => vote.slot === slot)
  const kept = unit.sealed.filter(({ slot, epoch }) => epoch === entry.epoch && !shown(slot))
  must(kept.length === 0, 'verdict: each receipt of this epoch is opened')
  const votes = [...unit.votes, ...fresh].sort((one, other) => one.slot - other.slot)
  const { decided } = fact
  const accepted = decided.type === 'accepted'
  unit.votes = accepted ? accept(step, job, fact, decided, votes) : []
  unit.sealed = []
  unit.decided = { at: entry.time, accepted, closing: false }
}

/** An accepted unit is open again. */
export function learnReopen({ book, owed }: Step, fact: FactOf<'reopen'>): void {
  const job = openJob(book, fact.job)
  must(!job.cancelled, 'reopen: the job is not cancelled')
  must(fact.unit < job.units, 'reopen: the unit is one of its job')
  const unit = unitOf(book, fact.job, fact.unit)
  const decided = known(unit.decided, 'reopen: the unit is decided')
  must(decided.accepted, 'reopen: its last verdict accepted it')
  must(!decided.closing, 'reopen: nothing of it was settled since that')
  const due = heldOf({ transfers: owed }, fact.job, fact.unit)
  must(due.length === 0, 'reopen: no earn of it is owed in the entry')
  must(heldOf(book, fact.job, fact.unit).length > 0, 'reopen: something is held for it')
  unit.decided = undefined
}

/** A receipt that opens, and is that which waits in its slot, as a vote. */
function openSealed(
  { book, entry, opening }: Step,
  { job, unit, sealed }: KnownUnit,
  signed: Signed<Receipt>,
  before: readonly Vote[],
): Vote {
  const receipt = opened(opening, receiptDocument, signed)
  const { slot, epoch, fence, node, result } = receipt
  must(receipt.chain === book.chain, 'verdict: a receipt is of this chain')
  must(receipt.job === job && receipt.unit === unit, 'verdict: a receipt is of its job and unit')
  const waits = known(
    sealed.find((one) => one.slot === slot),
    'verdict: a receipt waits in its slot',
  )
  must(waits.receipt === receiptId(signed), 'verdict: a receipt has the digest that was sealed')
  const same = waits.epoch === epoch && waits.fence === fence
  must(same, 'verdict: a receipt has the epoch and fence that were sealed')
  must(!before.some((vote) => vote.slot === slot), 'verdict: none stands there twice')
  const nothing = { referee: false, wins: false, passed: false, struck: false }
  return { slot, epoch, fence, node, owner: ownerOf(book, node, entry.time), result, ...nothing }
}

type Accepted = FactOf<'verdict'>['decided'] & { readonly type: 'accepted' }

/** An outcome is accepted: gives the votes with what they are after that. */
function accept(
  step: Step,
  job: KnownJob,
  fact: FactOf<'verdict'>,
  decided: Accepted,
  before: readonly Vote[],
): Vote[] {
  const { book, entry, governance } = step
  const { outcome, banned, struck } = decided
  const ofUnit = outcome.job === fact.job && outcome.unit === fact.unit
  must(ofUnit, 'verdict: the outcome is of its job and unit')
  const counted = job.executor.type === 'wasm'
  must((outcome.fuel !== undefined) === counted, 'verdict: fuel is of modules alone')
  checkLists(job, decided, before)
  for (const { owner } of before.filter((vote) => banned.includes(vote.slot))) {
    if (!book.bans.has(owner)) book.bans.set(owner, entry.time)
  }
  const winners: Vote[] = []
  for (const vote of before.filter(({ slot }) => decided.agreeing.includes(slot))) {
    const first = winners.every((winner) => winner.owner !== vote.owner)
    if (first && !book.bans.has(vote.owner)) winners.push(vote)
  }
  must(winners.length > 0, 'verdict: at least one wins')
  const votes = before.map((vote) => {
    const referee = vote.referee || decided.referees.includes(vote.slot)
    return { ...vote, referee, wins: winners.includes(vote) }
  })
  if (banned.length > 0) checkBanned(step, job, decided, votes)
  oweEarnings(step, job, outcome, winners)
  return countVotes(book, governance, job.executor.type, votes, [...struck, ...banned])
}

/** fact.md, verdict: what holds of each of the lists by itself. */
function checkLists({ exact }: KnownJob, decided: Accepted, votes: readonly Vote[]): void {
  const { agreeing, referees, struck, banned } = decided
  for (const slot of [...agreeing, ...referees, ...struck, ...banned]) {
    const found = votes.some((vote) => vote.slot === slot)
    must(found, 'verdict: the lists are of slots of votes')
  }
  const result = resultId(decided.outcome)
  const same = votes.filter((vote) => vote.result === result).map(({ slot }) => slot)
  must(same.length > 0, 'verdict: its result is that of a vote')
  must(
    same.every((slot) => agreeing.includes(slot)),
    'verdict: the same result agrees',
  )
  const taken = !exact || agreeing.every((slot) => same.includes(slot))
  must(taken, 'verdict: those agree that the comparison takes')
  must(!struck.some((slot) => agreeing.includes(slot)), 'verdict: none that is struck agrees')
  must(!banned.some((slot) => agreeing.includes(slot)), 'verdict: none that is banned agrees')
  must(!banned.some((slot) => struck.includes(slot)), 'verdict: none is struck and banned')
}

/** fact.md, verdict: what else holds if some are banned. */
function checkBanned(
  { governance }: Step,
  { exact }: KnownJob,
  { agreeing, banned }: Accepted,
  votes: readonly Vote[],
): void {
  const referee = votes.some((vote) => vote.referee && agreeing.includes(vote.slot))
  must(referee, 'verdict: who bans has a referee that agrees')
  const member = votes.some((vote) => vote.wins && isMember(governance, vote.owner))
  must(member, 'verdict: who bans has a member that wins')
  for (const { owner, result } of votes.filter(({ slot }) => banned.includes(slot))) {
    must(!isMember(governance, owner), 'verdict: no member is banned')
    const shared = votes.some((vote) => vote.result === result && vote.owner !== owner)
    must(shared || !exact, 'verdict: who is banned has the result of another owner')
  }
}

/** What has to be earned in the entry: transfer.md, rules 8 and 9. */
function oweEarnings(
  { book, owed }: Step,
  { executor, funded }: KnownJob,
  { job, unit, fuel }: Outcome,
  winners: readonly Vote[],
): void {
  if (executor.type === 'docker' && funded) return
  const from = funded ? accounts.escrow(job) : accounts.mint
  for (const { slot } of winners) {
    const to = accounts.hold(job, unit, slot)
    if (balanceOf(book, to) > 0) continue
    const micro = executor.type === 'docker' ? executor.priceMicro : fuelMicro(executor, fuel ?? 0)
    const purpose = { type: 'earn' as const, job, unit, slot }
    owed.set(transferId(purpose), { purpose, from, to, micro })
  }
}

/** mesh.md, rule 10. */
function fuelMicro({ microPerGigafuel }: { microPerGigafuel: number }, fuel: number): number {
  const micro = (BigInt(fuel) * BigInt(microPerGigafuel)) / 1_000_000_000n
  return micro < 1n ? 1 : Number(micro)
}
