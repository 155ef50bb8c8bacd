import {
  type Account,
  accounts,
  type Execution,
  type Fact,
  limits,
  metered,
  type OwnerId,
  type Purpose,
  transferId,
} from '@nexapod/specs'
import { arrive, depart, isFarSide } from './bridge.ts'
import { openJob, publisherOf } from './jobs.ts'
import type { Learning } from './learning.ts'
import { asked } from './people.ts'
import { must, needed } from './rule.ts'
import { settle } from './settle.ts'
import { balanceOf, type State } from './state.ts'
import { openUnit } from './units.ts'

type Moved = Fact & { readonly type: 'transfer' }
type For<T extends Purpose['type']> = Purpose & { readonly type: T }

type Check<T extends Purpose['type']> = (learning: Learning, fact: Moved, purpose: For<T>) => void

/** What must be so for a transfer of each purpose. */
const checks: { readonly [T in Purpose['type']]: Check<T> } = {
  earn,
  meter,
  settle,
  fund,
  refund,
  bond: post,
  depart,
  arrive,
}

/** Credit moved: for something that is so, by as much as it is worth, and once. */
export function learnTransfer(learning: Learning, fact: Moved): void {
  const check = checks[fact.purpose.type] as Check<Purpose['type']>
  check(learning, fact, fact.purpose)
  move(learning, fact)
}

/** What the verdict of the entry owes: that is when a slot earns, and it is held already. */
function earn({ owed }: Learning, { from, to, micro }: Moved): void {
  const due = needed(owed.earnings.get(to), 'what is earned is with its verdict, once')
  must(from === due.from, 'what is earned is paid from where the job has it')
  must(micro === due.micro, 'what is earned is the price')
  owed.earnings.delete(to)
}

function meter({ state }: Learning, { micro }: Moved, purpose: For<'meter'>): void {
  const { type: _, interval, ...execution } = purpose
  const { job: id, unit, slot, epoch, fence } = execution
  const job = openJob(state, id)
  const { executor } = job
  must(executor.type === 'docker' && job.funded, 'what is metered is a funded container')
  must(unit < job.units, 'a unit is one of its job')
  const row = openUnit(state, id, unit)
  const others = row.metered.filter((one) => one.slot !== slot)
  const last = row.metered.find((one) => one.slot === slot)
  const next = last === undefined ? 0 : nextInterval(execution, last)
  must(interval >= next, 'an interval is metered once')
  const price = metered(executor.priceMicro, executor.unitMs, interval)
  must(micro === price, 'an interval costs its part')
  const now = [...others, { slot, epoch, fence, intervals: interval + 1 }]
  now.sort((a, b) => a.slot - b.slot)
  state.units.set(id, unit, { ...row, metered: now, held: row.held + 1 })
  state.meters.set(transferId(purpose), { ...execution, micro })
  state.jobs.set(id, { ...job, held: job.held + 1 })
}

/** The interval that an execution goes on with, if no later lease of its slot was metered. */
function nextInterval(
  { epoch, fence }: Execution,
  last: { readonly epoch: number; readonly fence: number; readonly intervals: number },
): number {
  if (epoch === last.epoch && fence === last.fence) return last.intervals
  const later = epoch > last.epoch || (epoch === last.epoch && fence > last.fence)
  must(later, 'a later lease of the slot is metered')
  return 0
}

function fund({ owed }: Learning, { from, micro }: Moved, { job }: For<'fund'>): void {
  const due = needed(owed.funds.get(job), 'a job is funded with its admission, once')
  must(micro === due.micro, 'a job is funded by its budget')
  must(from === due.from, 'a publisher funds its own jobs')
  owed.funds.delete(job)
}

function refund({ state }: Learning, { to, micro }: Moved, { job: id }: For<'refund'>): void {
  const job = openJob(state, id)
  must(job.funded, 'what was funded is refunded')
  must(job.held === 0, 'what is held is settled first')
  must(job.cancelled || job.undecided === 0, 'a refund is at the end')
  must(micro === balanceOf(state, accounts.escrow(id)), 'all that is left is refunded, once')
  must(to === publisherOf(job), 'a refund goes to the publisher')
}

function post(learning: Learning, fact: Moved, purpose: For<'bond'>): void {
  const { state } = learning
  const { act, from } = asked(learning, needed(fact.request, 'a bond is asked for'))
  must(act.type === 'bond' && act.node === purpose.node, 'a bond is asked for')
  must(act.micro === fact.micro, 'a bond is as large as asked')
  const owner = from as string as OwnerId
  must(fact.from === accounts.owner(owner), 'who asks for a bond leaves it')
  const last = state.bondCounts.get(purpose.node)?.count ?? 0
  must(purpose.count === last + 1, 'bonds of a node are counted')
  state.bondCounts.set(purpose.node, { count: purpose.count })
  state.bonds.set(transferId(purpose), { node: purpose.node, owner, micro: fact.micro })
}

/** Moves the credit: no account is below 0 but the mint, and the far side of a bridge. */
function move({ state, entry }: Learning, { from, to, micro }: Moved): void {
  const least = from === accounts.mint || isFarSide(from, entry.chain) ? -limits.microMax : 0
  const left = balanceOf(state, from) - micro
  must(left >= least, 'an account holds what leaves it')
  set(state, from, left)
  const raised = balanceOf(state, to) + micro
  must(raised <= limits.microMax, 'an account has a limit')
  set(state, to, raised)
}

function set(state: State, account: Account, micro: number): void {
  if (micro === 0) state.balances.delete(account)
  else state.balances.set(account, { micro })
}
