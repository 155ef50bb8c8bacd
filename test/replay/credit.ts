import {
  type Account,
  accounts,
  type JobId,
  limits,
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
  known,
  type Moved,
  must,
  type Step,
  undecidedOf,
} from './book.ts'
import { checkOpenUnit, openJob } from './jobs.ts'
import { carriedOut } from './people.ts'

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
      checkSettle(step, fact, purpose)
      break
    case 'meter':
      checkMeter(step, fact, purpose)
      break
    case 'refund':
      checkRefund(step, fact, purpose.job)
      break
    case 'bond':
      checkBond(step, fact, purpose)
      break
    case 'depart':
      checkDepart(step, fact, purpose)
      break
  }
}

/** Rules 7, 10 and 14: what a verdict, a job or a claim before it in the entry asks for. */
function checkOwed({ owed }: Step, id: TransferId, { purpose, from, to, micro }: Moved): void {
  const due = owed.get(id)
  must(due !== undefined, `${purpose.type}: what it is for stands before it in the entry`)
  const same = due.from === from && due.to === to && due.micro === micro
  must(same, `${purpose.type}: accounts and amount are those of what it is for`)
  owed.delete(id)
}

/** Rules 5 and 6. */
function checkSettle(
  { book, entry, governance }: Step,
  { from, to, micro }: Moved,
  { of }: Purpose & { type: 'settle' },
): void {
  const ended = known(book.transfers.get(of), 'settle: what it ends was learnt')
  const { purpose } = ended
  must(from === ended.to && micro === ended.micro, 'settle: all of it, from where it is')
  if (purpose.type === 'bond') {
    must(to === ended.from || to === accounts.slash, 'settle: a bond goes to who left it, or slash')
    return
  }
  must(purpose.type === 'earn' || purpose.type === 'meter', 'settle: of an earn, meter or bond')
  const decided = book.units.get(`${purpose.job}/${purpose.unit}`)?.decided
  const winner = decided?.winners.find((one) => one.slot === purpose.slot)
  const paid =
    purpose.type === 'earn' || (purpose.epoch === winner?.epoch && purpose.fence === winner.fence)
  if (decided !== undefined && winner !== undefined && !decided.wrong && paid) {
    must(to === accounts.owner(winner.owner), 'settle: what is right goes to its owner')
    const over = entry.time >= decided.at + governance.rates.settleMs
    must(over, 'settle: what is right waits for settleMs')
  } else {
    must(to === ended.from, 'settle: what is not right goes back')
    const { cancelled } = openJob(book, purpose.job)
    must(decided !== undefined || cancelled, 'settle: what is not right waits for the verdict')
  }
}

/** Rule 9. */
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

/** Rule 11. */
function checkRefund({ book, owed }: Step, { to, micro, from }: Moved, id: JobId): void {
  const job = openJob(book, id)
  must(job.funded, 'refund: of a funded job')
  must(to === accounts.owner(job.publisher), 'refund: to its publisher')
  const held = [heldOf(book, id), heldOf({ transfers: owed }, id)]
  must(held.flat().length === 0, 'refund: behind the last settle')
  must(job.cancelled || undecidedOf(book, id) === 0, 'refund: no unit is open, or cancelled')
  must(micro === balanceOf(book, from), 'refund: all that the escrow holds')
}

/** Rule 12, of a bond. */
function checkBond(
  step: Step,
  { from, micro, request }: FactOf<'transfer'>,
  { node, count }: Purpose & { type: 'bond' },
): void {
  const { act } = asked(step, from, request)
  const same = act.type === 'bond' && act.node === node && act.micro === micro
  must(same, 'bond: its request asks for just that')
  let last = 0
  for (const { purpose } of step.book.transfers.values()) {
    if (purpose.type === 'bond' && purpose.node === node) last = Math.max(last, purpose.count)
  }
  must(count === last + 1, 'bond: its count is the next')
}

/** Rules 12 and 13, of a depart. */
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
