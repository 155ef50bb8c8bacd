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
  must(!has(row.sealed, slot) && !has(row.votes, slot), 'a slot has one receipt')
  const sealed = [...row.sealed, { slot, epoch, fence, receipt }]
  state.units.set(id, unit, { ...row, sealed })
}

function has(list: readonly { readonly slot: number }[], slot: number): boolean {
  for (const one of list) if (one.slot === slot) return true
  return false
}

/** The votes of a unit, with those that its verdict opens, in the order of their slots. */
export function openVotes(learning: Learning, row: OpenUnit, verdict: Of<'verdict'>): Vote[] {
  const { state, entry } = learning
  const votes = [...row.votes]
  for (const signed of verdict.receipts) {
    const { slot, epoch, fence, node, result } = revealed(learning, row, votes, verdict, signed)
    const owner = ownerOf(state, node, entry.time)
    const judged = { referee: false, wins: false, passed: false, struck: false }
    insert(votes, { slot, epoch, fence, node, owner, result, ...judged })
  }
  for (const { slot, epoch } of row.sealed) {
    // Those of an earlier epoch may have been lost with its coordinator.
    const isLeft = epoch === entry.epoch && !has(votes, slot)
    must(!isLeft, 'what was sealed in this epoch is opened with the verdict')
  }
  return votes
}

/** Votes stand in the order of their slots. */
function insert(votes: Vote[], vote: Vote): void {
  let at = votes.length
  while (at > 0 && (votes[at - 1] as Vote).slot > vote.slot) at--
  if (at === votes.length) votes.push(vote)
  else votes.splice(at, 0, vote)
}

/** A receipt that is opened is the one whose digest was sealed. */
function revealed(
  learning: Learning,
  { sealed }: OpenUnit,
  votes: readonly Vote[],
  { job, unit }: Of<'verdict'>,
  signed: Signed<Receipt>,
): Receipt {
  const receipt = opened(learning, receiptDocument, signed)
  must(receipt.chain === learning.entry.chain, 'a receipt is of this chain')
  must(receipt.job === job && receipt.unit === unit, 'a receipt is of its unit')
  const found = sealed.find((one) => one.slot === receipt.slot)
  const isIt = found?.receipt === receiptId(signed) && !has(votes, receipt.slot)
  must(isIt, 'a receipt was sealed before it is opened, and is opened once')
  must(found.fence === receipt.fence && found.epoch === receipt.epoch, 'a fence is that sealed')
  return receipt
}
