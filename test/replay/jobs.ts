import {
  accounts,
  digestText,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type Rates,
  sha256,
  toHex,
  transferId,
  units,
} from '../../specs/index.ts'
import {
  acceptedOf,
  type Book,
  balanceOf,
  type FactOf,
  heldOf,
  type KnownJob,
  known,
  must,
  opened,
  type Step,
  undecidedOf,
  unitOf,
} from './book.ts'
import { carriedOut } from './people.ts'

/** A job that is open: it was admitted, and did not end. */
export function openJob(book: Book, id: JobId): KnownJob {
  const job = known(book.jobs.get(id), 'the job was admitted')
  must(job.ended === undefined, 'the job is open')
  return job
}

/** Says that a unit is one of its job, and open. */
export function checkOpenUnit(book: Book, id: JobId, unit: number): void {
  must(unit < openJob(book, id).units, 'the unit is one of its job')
  must(unitOf(book, id, unit).decided === undefined, 'the unit is open')
}

/** A job is admitted. */
export function learnJob({ book, entry, governance, opening, owed }: Step, fact: FactOf<'job'>) {
  const job = opened(opening, jobDocument, fact.job)
  const id = jobId(fact.job)
  const nonce = `${job.publisher}/${toHex(job.nonce)}`
  must(job.home === book.chain, 'job: its home is this chain')
  must(entry.time <= job.expires, 'job: now is not after it expires')
  must(!book.nonces.has(nonce), 'job: its nonce is new')
  const executor = executorOf(job, fact.priceMicro, governance.rates)
  const publisher = job.publisher as string as KnownJob['publisher']
  book.nonces.set(nonce, id)
  book.jobs.set(id, {
    publisher,
    executor,
    exact: job.compare.every((rule) => rule.type === 'ignore'),
    funded: job.budgetMicro !== undefined,
    units: units(job).count,
    cancelled: false,
    seq: entry.seq,
    ended: undefined,
  })
  if (job.budgetMicro === undefined) return
  const [purpose, micro] = [{ type: 'fund' as const, job: id }, job.budgetMicro]
  const [from, to] = [accounts.owner(publisher), accounts.escrow(id)]
  owed.set(transferId(purpose), { purpose, from, to, micro })
}

/** An execution ended. */
export function learnReceipt({ book, entry }: Step, fact: FactOf<'receipt'>): void {
  const { job, unit, slot, epoch, fence, sealed: receipt } = fact
  must(!openJob(book, job).cancelled, 'receipt: the job is not cancelled')
  checkOpenUnit(book, job, unit)
  must(epoch <= entry.epoch, 'receipt: its epoch is not after that of the entry')
  must(epoch < entry.epoch || fence < book.fences, 'receipt: its fence is below the last fences')
  const known = unitOf(book, job, unit)
  must(!known.sealed.some((one) => one.slot === slot), 'receipt: none of its slot waits')
  must(!known.votes.some((vote) => vote.slot === slot), 'receipt: none of its slot was opened')
  known.sealed = [...known.sealed, { slot, epoch, fence, receipt }]
}

/** A publisher wants no more of a job. */
export function learnCancel(step: Step, fact: FactOf<'cancel'>): void {
  const request = carriedOut(step, fact.request)
  must(request.act.type === 'cancel', 'cancel: its act is cancel')
  const job = openJob(step.book, request.act.job)
  must((request.from as string) === job.publisher, 'cancel: it is from the publisher')
  job.cancelled = true
}

/** A job ended. */
export function learnEnd({ book, entry, owed }: Step, fact: FactOf<'end'>): void {
  const job = openJob(book, fact.job)
  must(job.cancelled || undecidedOf(book, fact.job) === 0, 'end: no unit of it is open')
  const held = [heldOf(book, fact.job), heldOf({ transfers: owed }, fact.job)]
  must(held.flat().length === 0, 'end: nothing is held for it')
  must(balanceOf(book, accounts.escrow(fact.job)) === 0, 'end: its escrow is 0')
  const fund = owed.has(transferId({ type: 'fund', job: fact.job }))
  must(!fund, 'end: no fund of it is owed in the entry')
  const done = acceptedOf(book, fact.job) > 0 ? 'final' : 'dead'
  must(fact.as === (job.cancelled ? 'cancelled' : done), 'end: as what it ended')
  job.ended = { as: fact.as, seq: entry.seq }
}

/** The next block of fences is reserved. */
export function learnFences({ book }: Step, { below }: FactOf<'fences'>): void {
  must(below > book.fences, 'fences: higher than the last')
  book.fences = below
}

/** What draws from now on. */
export function learnDraw({ book, entry }: Step, { next, shown }: FactOf<'draw'>): void {
  const last = book.draw
  if (shown === undefined) {
    must(last?.epoch !== entry.epoch, 'draw: without shown it is the first of its epoch')
  } else {
    must(digestText(sha256(shown)) === last?.next, 'draw: shown is what the one before promised')
  }
  book.draw = { next, epoch: entry.epoch }
}

function executorOf(job: Job, priceMicro: number | undefined, rates: Rates): KnownJob['executor'] {
  if (job.executors[0]?.type === 'wasm') {
    must(priceMicro === undefined, 'job: one of modules has no price')
    return { type: 'wasm', microPerGigafuel: rates.microPerGigafuel }
  }
  const { cores, gpus, unitMs } = job.resources
  const micro = cores * rates.microPerCoreSecond + gpus * rates.microPerGpuSecond
  const price = (BigInt(micro) * BigInt(unitMs)) / 1000n
  const least = price < 1n ? 1n : price
  must(priceMicro !== undefined && BigInt(priceMicro) === least, 'job: the price of the rate card')
  return { type: 'docker', priceMicro, unitMs }
}
