import {
  accounts,
  type Fact,
  jobDocument,
  jobId,
  type NodeId,
  type Outcome,
  type Receipt,
  receiptDocument,
  receiptId,
  resultId,
  type Signed,
  toHex,
  units,
  unitText,
} from '@nexapod/specs'
import { asked } from './people.ts'
import { type Learning, must, needed, opened } from './rule.ts'
import { balanceOf, type JobRow, ownerOf, type UnitRow } from './state.ts'

/** Vouched passes from which a node is an anchor: one whose agreement vouches for others. */
const anchorPasses = 100

type Of<T extends Fact['type']> = Fact & { readonly type: T }

/** A job was admitted. */
export function learnJob(learning: Learning, fact: Of<'job'>): void {
  const { state, chain, entry } = learning
  const job = opened(jobDocument, fact.job)
  const id = jobId(fact.job)
  must(job.home === chain, 'a job has its home here')
  must(entry.time <= job.expires, 'a job is admitted before it expires')
  must(state.jobs.get(id) === undefined, 'a job is admitted once')
  const nonce = `${job.publisher}/${toHex(job.nonce)}`
  must(state.nonces.get(nonce) === undefined, 'a publisher uses a nonce once')
  const kind = job.executors[0]?.type ?? 'wasm'
  must((kind === 'docker') === (fact.priceMicro !== undefined), 'a price where no fuel is counted')
  const { count } = units(job)
  state.nonces.set(nonce, { job: id })
  state.jobs.set(id, {
    publisher: job.publisher,
    kind,
    units: count,
    undecided: count,
    accepted: 0,
    unitMs: job.resources.unitMs,
    ...(fact.priceMicro === undefined ? {} : { priceMicro: fact.priceMicro }),
    ...(job.budgetMicro === undefined ? {} : { budgetMicro: job.budgetMicro }),
    funded: false,
    refunded: false,
    held: 0,
    state: 'open',
  })
}

/** A receipt came in: its digest is kept, in its slot. */
export function learnReceipt({ state, entry }: Learning, fact: Of<'receipt'>): void {
  const job = openJob(state, fact.job)
  must(job.state === 'open', 'a job that is cancelled takes no receipts')
  must(fact.unit < job.units, 'a unit is one of its job')
  const below = state.meta.get('')?.fences ?? 0
  must(fact.epoch < entry.epoch || fact.fence < below, 'a fence lies in a block that was reserved')
  must(fact.epoch <= entry.epoch, 'an epoch has begun before there are leases of it')
  const row = unitOf(state, fact.job, fact.unit)
  must(row.decided === undefined, 'a unit that is decided takes no receipts')
  const { slot, epoch, fence, sealed: receipt } = fact
  must(!row.sealed.some((one) => one.slot === slot), 'a slot has one receipt')
  put(state, fact, { ...row, sealed: [...row.sealed, { slot, epoch, fence, receipt }] })
}

/** A unit was decided. */
export function learnVerdict(learning: Learning, fact: Of<'verdict'>): void {
  const { state, entry } = learning
  const job = openJob(state, fact.job)
  const row = unitOf(state, fact.job, fact.unit)
  must(fact.unit < job.units, 'a unit is one of its job')
  must(row.decided === undefined, 'a unit is decided once')
  const receipts = fact.receipts.map((signed) => revealed(row, fact, signed))
  const slots = receipts.map((receipt) => receipt.slot)
  must(new Set(slots).size === slots.length, 'a receipt is opened once')
  const { decided } = fact
  const accepted = decided.type === 'accepted'
  const agreeing = accepted
    ? decided.agreeing.map((slot) => {
        return needed(
          receipts.find((one) => one.slot === slot),
          'who agrees has a receipt',
        )
      })
    : []
  if (accepted) checkOutcome(fact, decided.outcome, agreeing)
  const owners = agreeing.map(({ node }) => ownerOf(state, node, entry.time))
  must(new Set(owners).size === owners.length, 'replicas are of distinct owners')
  const winners = agreeing.map(({ slot, node }) => {
    return { slot, node, owner: ownerOf(state, node, entry.time), earned: false }
  })
  put(state, fact, {
    ...row,
    decided: {
      at: entry.time,
      ...(accepted && decided.outcome.fuel !== undefined ? { fuel: decided.outcome.fuel } : {}),
      winners,
      wrong: false,
    },
  })
  state.jobs.set(fact.job, {
    ...job,
    undecided: job.undecided - 1,
    accepted: job.accepted + (accepted ? 1 : 0),
  })
  if (accepted) count(learning, job, receipts, agreeing)
}

/** A referee ran the unit too. */
export function learnAudit({ state }: Learning, fact: Of<'audit'>): void {
  const job = openJob(state, fact.job)
  const row = unitOf(state, fact.job, fact.unit)
  const decided = needed(row.decided, 'an audit is of a unit that is decided')
  const { node, slot } = revealed(row, fact, fact.receipt)
  must(!decided.winners.some((one) => one.slot === slot), 'a referee is no voter')
  if (!fact.agrees) put(state, fact, { ...row, decided: { ...decided, wrong: true } })
  for (const winner of decided.winners) {
    must(winner.node !== node, 'a referee is no voter')
    const key = `${winner.node}/${job.kind}`
    const was = needed(state.reputations.get(key), 'a winner has a reputation')
    state.reputations.set(
      key,
      fact.agrees
        ? { ...was, vouched: was.vouched + 1 }
        : { ...was, vouched: 0, strikes: was.strikes + 1 },
    )
  }
}

/** A publisher cancelled a job. */
export function learnCancel(learning: Learning, fact: Of<'cancel'>): void {
  const request = asked(learning, fact.request)
  const { act, from } = request
  must(act.type === 'cancel', 'a cancel is asked for')
  const job = openJob(learning.state, act.job)
  must((job.publisher as string) === from, 'a publisher cancels its own jobs')
  learning.state.jobs.set(act.job, { ...job, state: 'cancelled' })
}

/** A job ended: what it held is settled, and its units are forgotten. */
export function learnEnd({ state }: Learning, fact: Of<'end'>): void {
  const job = openJob(state, fact.job)
  must((fact.as === 'cancelled') === (job.state === 'cancelled'), 'a job ends as it stands')
  must(
    job.state === 'cancelled' || job.undecided === 0,
    'a job ends when all its units are decided',
  )
  must(fact.as !== 'final' || job.accepted > 0, 'a job is final with a result')
  must(fact.as !== 'dead' || job.accepted === 0, 'a job is dead without any result')
  must(job.held === 0, 'a job ends when all that it paid is settled')
  must(balanceOf(state, accounts.escrow(fact.job)) === 0, 'a job ends with nothing in escrow')
  state.jobs.set(fact.job, { ...job, state: fact.as })
  for (let unit = 0; unit < job.units; unit++) {
    const key = unitText(fact.job, unit)
    if (state.units.get(key) !== undefined) state.units.delete(key)
  }
}

/** The job of a fact, which has not ended. */
export function openJob(state: Learning['state'], id: Of<'end'>['job']): JobRow {
  const job = needed(state.jobs.get(id), 'a job was admitted')
  must(job.state === 'open' || job.state === 'cancelled', 'a job that ended takes no more facts')
  return job
}

/** What is known of a unit; nothing before its first receipt. */
export function unitOf(state: Learning['state'], job: string, unit: number): UnitRow {
  return state.units.get(`${job}/${unit}`) ?? { sealed: [], metered: [] }
}

type Unit = Pick<Of<'verdict'>, 'job' | 'unit'>

function put(state: Learning['state'], { job, unit }: Unit, row: UnitRow): void {
  state.units.set(unitText(job, unit), row)
}

/** A receipt that is opened is the one whose digest was sealed. */
function revealed(row: UnitRow, { job, unit }: Unit, signed: Signed<Receipt>): Receipt {
  const receipt = opened(receiptDocument, signed)
  must(receipt.job === job && receipt.unit === unit, 'a receipt is of its unit')
  const id = receiptId(signed)
  const sealed = row.sealed.find((one) => one.slot === receipt.slot)
  must(sealed?.receipt === id, 'a receipt was sealed before it is opened')
  must(sealed.fence === receipt.fence && sealed.epoch === receipt.epoch, 'a fence is that sealed')
  return receipt
}

function checkOutcome(unit: Unit, outcome: Outcome, agreeing: readonly Receipt[]): void {
  must(outcome.job === unit.job && outcome.unit === unit.unit, 'an outcome is of its unit')
  const id = resultId(outcome)
  must(
    agreeing.some((receipt) => receipt.result === id),
    'an outcome is that of a receipt',
  )
}

/** Passes and mismatches of those whose receipts were opened. */
function count(
  { state }: Learning,
  { kind }: JobRow,
  receipts: readonly Receipt[],
  agreeing: readonly Receipt[],
): void {
  const key = (node: NodeId) => `${node}/${kind}`
  const of = (node: NodeId) => {
    return state.reputations.get(key(node)) ?? { vouched: 0, passes: 0, strikes: 0 }
  }
  const anchors = agreeing.filter(({ node }) => of(node).vouched >= anchorPasses)
  const changes = receipts.map(({ node }) => {
    const was = of(node)
    const agrees = agreeing.some((one) => one.node === node)
    const vouched = anchors.some((anchor) => anchor.node !== node)
    if (!agrees) return { node, row: { ...was, vouched: 0, strikes: was.strikes + 1 } }
    return {
      node,
      row: { ...was, passes: was.passes + 1, vouched: was.vouched + (vouched ? 1 : 0) },
    }
  })
  for (const { node, row } of changes) state.reputations.set(key(node), row)
}
