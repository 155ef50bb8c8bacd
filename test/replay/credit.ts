import {
  type Account,
  accounts,
  type JobId,
  limits,
  type OwnerId,
  type Purpose,
  type Request,
  type TransferId,
  transferId,
} from '../../specs/index.ts'
import {
  type Book,
  balanceOf,
  type FactOf,
  heldOf,
  type KnownUnit,
  known,
  type Moved,
  must,
  type Step,
  undecidedOf,
  unitOf,
  type Vote,
} from './book.ts'
import { checkOpenUnit, openJob } from './jobs.ts'
import { carriedOut } from './people.ts'
import { isAnchor } from './reputations.ts'

/** Credit moves: transfer.md. */
export function learnTransfer(step: Step, fact: FactOf<'transfer'>): void {
  const { book } = step
  const { purpose, from, to, micro } = fact
  const id = transferId(purpose)
  must(!book.transfers.has(id), 'transfer: there is none with its id')
  checkPurpose(step, id, fact)
  book.transfers.set(id, { purpose, from, to, micro })
  put(book, from, -micro)
  put(book, to, micro)
}

function checkPurpose(step: Step, id: TransferId, fact: FactOf<'transfer'>): void {
  const { purpose } = fact
  switch (purpose.type) {
    case 'earn':
    case 'fund':
    case 'arrive':
      checkOwed(step, id, fact)
      break
    case 'settle':
      checkSettle(step, id, fact, purpose.of)
      break
    case 'meter':
      checkMeter(step, fact, purpose)
      break
    case 'refund':
      checkRefund(step, fact, purpose.job)
      break
    case 'bond':
      checkBond(step, id, fact, purpose)
      break
    case 'depart':
      checkDepart(step, fact, purpose)
      break
  }
}

/** Rules 8, 11 and 15: what a verdict, a job or a claim before it in the entry asks for. */
function checkOwed({ owed }: Step, id: TransferId, { purpose, from, to, micro }: Moved): void {
  const due = owed.get(id)
  must(due !== undefined, `${purpose.type}: what it is for stands before it in the entry`)
  const same = due.from === from && due.to === to && due.micro === micro
  must(same, `${purpose.type}: accounts and amount are those of what it is for`)
  owed.delete(id)
}

/** Rules 5 to 7. */
function checkSettle(step: Step, id: TransferId, moved: Moved, of: TransferId): void {
  const { book, governance } = step
  const ended = known(book.transfers.get(of), 'settle: what it ends was learnt')
  must(
    moved.from === ended.to && moved.micro === ended.micro,
    'settle: all of it, from where it is',
  )
  const { purpose } = ended
  if (purpose.type === 'earn' || purpose.type === 'meter') {
    checkHeld(step, id, moved, purpose, ended.from)
    return
  }
  const bond = known(book.bonds.get(of), 'settle: of an earn, a meter or what went into a bond')
  const { owner, executor } = bond
  if (book.bans.has(owner)) {
    must(moved.to === accounts.slash, 'settle: the bond of who is banned is forfeited')
    return
  }
  must(moved.to === accounts.owner(owner), 'settle: a bond goes to whose it is')
  const shown = executor === undefined || isAnchor(book, governance, bond, executor)
  must(shown, 'settle: what was earned waits until the node is an anchor')
}

/** Rule 6: what is held for an execution. */
function checkHeld(
  { book, entry, governance }: Step,
  id: TransferId,
  { to, micro }: Moved,
  purpose: Purpose & { type: 'earn' | 'meter' },
  source: Account,
): void {
  const job = openJob(book, purpose.job)
  const unit = unitOf(book, purpose.job, purpose.unit)
  const { decided } = unit
  const vote = rightVote(book, unit, purpose)
  if (decided === undefined || vote === undefined) {
    must(to === source, 'settle: what is not right goes back')
    const early = purpose.type === 'meter' && job.cancelled
    must(decided !== undefined || early, 'settle: what is not right waits for the verdict')
  } else {
    const { node, owner } = vote
    const executor = job.executor.type
    const shown = isAnchor(book, governance, vote, executor)
    const due = shown ? accounts.owner(owner) : accounts.bond(node)
    must(to === due, 'settle: what is right goes to its owner, or waits in a bond')
    const over = entry.time >= decided.at + governance.rates.settleMs
    must(over, 'settle: what is right waits for settleMs')
    if (!shown) book.bonds.set(id, { node, owner, micro, executor })
  }
  if (decided !== undefined) unit.decided = { ...decided, closing: true }
}

/** The vote for which an `earn` or `meter` is right, if it is, and if its unit is decided. */
export function rightVote(
  book: Book,
  { votes }: KnownUnit,
  purpose: Purpose & { type: 'earn' | 'meter' },
): Vote | undefined {
  return votes.find(({ slot, epoch, fence, owner, wins }) => {
    if (slot !== purpose.slot || !wins || book.bans.has(owner)) return false
    return purpose.type === 'earn' || (purpose.epoch === epoch && purpose.fence === fence)
  })
}

/** Rule 10. */
function checkMeter({ book }: Step, { micro }: Moved, purpose: Purpose & { type: 'meter' }): void {
  const { job: id, unit, slot, epoch, fence, interval } = purpose
  const { executor, funded } = openJob(book, id)
  must(executor.type === 'docker' && funded, 'meter: of a funded job of images')
  checkOpenUnit(book, id, unit)
  const until = (intervals: number) => {
    const ms = Math.min(intervals * limits.meterMs, executor.unitMs)
    return (BigInt(executor.priceMicro) * BigInt(ms)) / BigInt(executor.unitMs)
  }
  must(BigInt(micro) === until(interval + 1) - until(interval), 'meter: what its interval costs')
  for (const { purpose: other } of book.transfers.values()) {
    if (other.type !== 'meter' || other.job !== id) continue
    if (other.unit !== unit || other.slot !== slot) continue
    const later = other.epoch > epoch || (other.epoch === epoch && other.fence > fence)
    must(!later, 'meter: no later execution of its slot is metered')
    if (other.epoch !== epoch || other.fence !== fence) continue
    must(other.interval < interval, 'meter: a later interval than any before')
  }
}

/** Rule 12. */
function checkRefund({ book, owed }: Step, { to, micro, from }: Moved, id: JobId): void {
  const job = openJob(book, id)
  must(job.funded, 'refund: of a funded job')
  must(to === accounts.owner(job.publisher), 'refund: to its publisher')
  const held = [heldOf(book, id), heldOf({ transfers: owed }, id)]
  must(held.flat().length === 0, 'refund: behind the last settle')
  must(job.cancelled || undecidedOf(book, id) === 0, 'refund: no unit is open, or cancelled')
  must(micro === balanceOf(book, from), 'refund: all that the escrow holds')
}

/** Rule 13, of a bond. */
function checkBond(
  step: Step,
  id: TransferId,
  { from, micro, request }: FactOf<'transfer'>,
  { node, count }: Purpose & { type: 'bond' },
): void {
  const { act, from: key } = asked(step, from, request)
  const same = act.type === 'bond' && act.node === node && act.micro === micro
  must(same, 'bond: its request asks for just that')
  let last = 0
  for (const { purpose } of step.book.transfers.values()) {
    if (purpose.type === 'bond' && purpose.node === node) last = Math.max(last, purpose.count)
  }
  must(count === last + 1, 'bond: its count is the next')
  step.book.bonds.set(id, { node, owner: key as string as OwnerId, micro })
}

/** Rules 13 and 14, of a depart. */
function checkDepart(
  step: Step,
  { from, to, micro, request }: FactOf<'transfer'>,
  purpose: Purpose & { type: 'depart' },
): void {
  const { chain } = step.book
  const { act } = asked(step, from, request)
  must(asksFor(act, purpose, micro), 'depart: its request asks for just that')
  must(purpose.to !== chain, 'depart: it is to another chain')
  must(to === accounts.bridge(chain, purpose.to), 'depart: over the bridge from this chain')
  must(step.bytes <= limits.claimEntryBytesMax, 'depart: its entry can be carried over')
  const row = { to: purpose.to, seq: step.entry.seq }
  step.book.crossings.set(`${chain}/${transferId(purpose)}`, row)
}

/** Whether a request is for this departure. */
export function asksFor(
  act: Request['act'],
  { to, nonce }: Purpose & { type: 'depart' },
  micro: number,
): boolean {
  if (act.type !== 'depart' || act.to !== to || act.micro !== micro) return false
  return act.nonce.every((byte, i) => byte === nonce[i])
}

function asked(step: Step, from: Account, signed: FactOf<'transfer'>['request']): Request {
  const request = carriedOut(step, known(signed, 'transfer: it has its request'))
  must(from === `owner/${request.from}`, 'transfer: it takes from who asked')
  return request
}

/** Rule 4. */
function put(book: Book, account: Account, micro: number): void {
  const holds = balanceOf(book, account) + micro
  const arrives = account.startsWith('bridge/') && account.endsWith(`/${book.chain}`)
  must(holds >= 0 || account === accounts.mint || arrives, 'transfer: no account is below 0')
  must(Math.abs(holds) <= limits.microMax, 'transfer: no account is beyond microMax')
  book.balances.set(account, holds)
}
