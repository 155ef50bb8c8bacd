import { balanceOf } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  accounts,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type OwnerId,
  priced,
  type Refusal,
  refusalOf,
  type Signed,
  toHex,
  units,
} from '@nexapod/specs'
import { bookOf, enqueue, noteDeadline } from './jobs.ts'
import { firstPrice } from './prices.ts'
import { jobRow } from './row.ts'
import type { State } from './state.ts'
import { agreeingOn } from './terms.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'

/** When a publisher whose quota is used up may ask again. */
const quotaMs = 60_000

/** Takes a job that a publisher signed; tells the entry that it stands in, if that is known. */
export function admit(turn: Turn, signed: Signed<Job>): Answer<number | undefined> {
  const { state } = turn
  const opened = state.setting.open(jobDocument, signed)
  if (!opened.ok) return opened
  const job = opened.value
  const id = jobId(signed)
  const known = state.ledger.state.jobs.get(id)
  if (known !== undefined) return accept(known.seq)
  const no = noTo(turn, job)
  if (no !== undefined) return { ok: false, refusal: no }
  const seq = turn.write(factsOf(state, id, signed, job))
  turn.keep(jobRow(id), { type: 'job', job: signed })
  const book = bookOf(id, signed, job)
  state.jobs.set(id, book)
  const use = state.uses.get(job.publisher) ?? { jobs: 0, units: 0 }
  state.uses.set(job.publisher, { jobs: use.jobs + 1, units: use.units + book.count })
  noteDeadline(turn, book)
  if (state.probes?.book.id !== id) enqueue(turn, book)
  // What nodes are tried with has no turn.
  else state.probes = { ...state.probes, book }
  turn.tell({ type: 'admitted', job: id })
  return accept(seq)
}

function noTo({ state, time }: Turn, job: Job): Refusal | undefined {
  const { publisher } = job
  const { rules } = state.setting
  if (job.home !== state.chain) return refusalOf('request.audience')
  if (time > job.expires) return refusalOf('request.expired')
  if (job.deadline !== undefined && time >= job.deadline) {
    return refusalOf('request.expired', { at: 'deadline' })
  }
  const nonce = `${publisher}/${toHex(job.nonce)}`
  if (state.ledger.state.nonces.get(nonce) !== undefined) return refusalOf('job.conflict')
  const isAllowed = rules.publishers.size === 0 || rules.publishers.has(publisher)
  if (!isAllowed || rules.denied.has(publisher)) return refusalOf('job.denied')
  const use = state.uses.get(publisher) ?? { jobs: 0, units: 0 }
  if (use.jobs >= rules.jobsMax || use.units + units(job).count > rules.unitsMax) {
    return refusalOf('job.quota', { retryMs: quotaMs })
  }
  return noToBudget(state, job)
}

function noToBudget(state: State, job: Job): Refusal | undefined {
  const { publisher, budgetMicro } = job
  if (budgetMicro === undefined) {
    return state.setting.rules.fundedOnly ? refusalOf('job.unfunded') : undefined
  }
  const least = leastBudget(state, job)
  if (budgetMicro < least) {
    const detail = `one unit needs ${least / 1e6} credits to begin`
    return refusalOf('job.unfunded', { at: 'budget', detail })
  }
  const purse = accounts.owner(publisher as string as OwnerId)
  return budgetMicro > balanceOf(state.ledger.state, purse) ? refusalOf('credit.short') : undefined
}

/** What a job needs to begin one of its units, as often as that is executed if all agree. */
function leastBudget(state: State, job: Job): number {
  const rates = state.ledger.chain.tip?.governance.rates
  if (rates === undefined) return 0
  const kind = job.executors[0]?.type ?? 'wasm'
  return firstPrice(job, rates) * agreeingOn(state, { job, kind })
}

function factsOf({ ledger }: State, id: JobId, signed: Signed<Job>, job: Job): Fact[] {
  const rates = ledger.chain.tip?.governance.rates
  const { publisher, budgetMicro, executors, resources } = job
  const isDocker = executors[0]?.type === 'docker'
  const price = isDocker && rates !== undefined ? { priceMicro: priced(resources, rates) } : {}
  const facts: Fact[] = [{ type: 'job', job: signed, ...price }]
  if (budgetMicro === undefined) return facts
  const from = accounts.owner(publisher as string as OwnerId)
  return [...facts, transfer({ type: 'fund', job: id }, from, accounts.escrow(id), budgetMicro)]
}
