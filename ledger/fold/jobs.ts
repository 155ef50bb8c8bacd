import {
  type Account,
  accounts,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type OwnerId,
  priced,
  toHex,
  units,
} from '@nexapod/specs'
import { type Learning, opened } from './learning.ts'
import { asked } from './people.ts'
import { must, needed } from './rule.ts'
import { balanceOf, type JobRow, type State } from './state.ts'
import { forgetUnits } from './units.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }

/** A job was admitted. */
export function learnJob(learning: Learning, fact: Of<'job'>): void {
  const { state, entry, owed } = learning
  const job = opened(learning, jobDocument, fact.job)
  const id = jobId(fact.job)
  must(job.home === entry.chain, 'a job has its home here')
  must(entry.time <= job.expires, 'a job is admitted before it expires')
  const nonce = `${job.publisher}/${toHex(job.nonce)}`
  must(state.nonces.get(nonce) === undefined, 'a publisher uses a nonce once')
  const { count } = units(job)
  state.nonces.set(nonce, { job: id })
  state.jobs.set(id, {
    publisher: job.publisher,
    executor: executorOf(learning, job, fact.priceMicro),
    exact: job.compare.every((rule) => rule.type === 'ignore'),
    funded: job.budgetMicro !== undefined,
    units: count,
    undecided: count,
    accepted: 0,
    held: 0,
    cancelled: false,
    seq: entry.seq,
  })
  if (job.budgetMicro === undefined) return
  owed.funds.set(id, { from: publisherOf(job), micro: job.budgetMicro })
}

/** A publisher cancelled a job. */
export function learnCancel(learning: Learning, fact: Of<'cancel'>): void {
  const { act, from } = asked(learning, fact.request)
  must(act.type === 'cancel', 'a cancel is asked for')
  const job = openJob(learning.state, act.job)
  must((job.publisher as string) === from, 'a publisher cancels its own jobs')
  learning.state.jobs.set(act.job, { ...job, cancelled: true })
}

/** A job ended: what it held is settled, and its units are forgotten. */
export function learnEnd({ state, entry, owed }: Learning, fact: Of<'end'>): void {
  const job = openJob(state, fact.job)
  must((fact.as === 'cancelled') === job.cancelled, 'a job ends as it stands')
  must(job.cancelled || job.undecided === 0, 'a job ends when all its units are decided')
  must(fact.as !== 'final' || job.accepted > 0, 'a job is final with a result')
  must(fact.as !== 'dead' || job.accepted === 0, 'a job is dead without any result')
  must(job.held === 0, 'a job ends when all that it paid is settled')
  must(balanceOf(state, accounts.escrow(fact.job)) === 0, 'a job ends with nothing in escrow')
  must(!owed.funds.has(fact.job), 'a job is funded before it ends')
  state.jobs.set(fact.job, { ...job, ended: { as: fact.as, seq: entry.seq } })
  forgetUnits(state, fact.job)
}

/** The job of a fact, which has not ended. */
export function openJob(state: State, id: JobId): JobRow {
  const job = needed(state.jobs.get(id), 'a job was admitted')
  must(job.ended === undefined, 'a job that ended takes no more facts')
  return job
}

/** Whether a job pays for the time of its executions as it passes, and for nothing else. */
export function isMetered({ executor, funded }: JobRow): boolean {
  return funded && executor.type === 'docker'
}

/** Where the credit of a job comes from. */
export function sourceOf(id: JobId, { funded }: JobRow): Account {
  return funded ? accounts.escrow(id) : accounts.mint
}

/** The account of who published a job. */
export function publisherOf({ publisher }: Pick<JobRow, 'publisher'>): Account {
  return accounts.owner(publisher as string as OwnerId)
}

/** What units are paid by, as the rate card has it when a job is admitted. */
function executorOf(
  { governance }: Learning,
  { executors: [first], resources }: Job,
  priceMicro: number | undefined,
): JobRow['executor'] {
  if (first?.type !== 'docker') {
    must(priceMicro === undefined, 'where fuel is counted, there is no other price')
    return { type: 'wasm', microPerGigafuel: governance.rates.microPerGigafuel }
  }
  must(priceMicro === priced(resources, governance.rates), 'a container has the price of the card')
  return { type: 'docker', priceMicro, unitMs: resources.unitMs }
}
