import { type Fact, type Receipt, receiptDocument, receiptId, type Signed } from '@nexapod/specs'
import { openJob } from './jobs.ts'
import { type Learning, opened } from './learning.ts'
import { must } from './rule.ts'
import { ownerOf, type Vote } from './state.ts'
import { type OpenUnit, openUnit } from './units.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }

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
  const used = [...row.sealed, ...row.votes].some((one) => one.slot === slot)
  must(!used, 'a slot has one receipt')
  const sealed = [...row.sealed, { slot, epoch, fence, receipt }]
  state.units.set(id, unit, { ...row, sealed })
}

/** The votes of a unit, with those that its verdict opens, in the order of their slots. */
export function openVotes(learning: Learning, row: OpenUnit, verdict: Of<'verdict'>): Vote[] {
  const { state, entry } = learning
  let waiting = row.sealed
  const votes = [...row.votes]
  for (const signed of verdict.receipts) {
    const receipt = revealed(learning, waiting, verdict, signed)
    const { slot, epoch, fence, node, result } = receipt
    waiting = waiting.filter((one) => one.slot !== slot)
    const owner = ownerOf(state, node, entry.time)
    const nothing = { referee: false, wins: false, passed: false, struck: false }
    votes.push({ slot, epoch, fence, node, owner, result, ...nothing })
  }
  // Those of an earlier epoch may have been lost with its coordinator.
  const left = waiting.some(({ epoch }) => epoch === entry.epoch)
  must(!left, 'what was sealed in this epoch is opened with the verdict')
  return votes.sort((a, b) => a.slot - b.slot)
}

/** A receipt that is opened is the one whose digest was sealed. */
function revealed(
  learning: Learning,
  waiting: OpenUnit['sealed'],
  { job, unit }: Of<'verdict'>,
  signed: Signed<Receipt>,
): Receipt {
  const receipt = opened(learning, receiptDocument, signed)
  must(receipt.chain === learning.entry.chain, 'a receipt is of this chain')
  must(receipt.job === job && receipt.unit === unit, 'a receipt is of its unit')
  const id = receiptId(signed)
  const found = waiting.find((one) => one.slot === receipt.slot)
  must(found?.receipt === id, 'a receipt was sealed before it is opened, and is opened once')
  must(found.fence === receipt.fence && found.epoch === receipt.epoch, 'a fence is that sealed')
  return receipt
}
