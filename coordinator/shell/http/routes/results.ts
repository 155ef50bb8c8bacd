import {
  type Answer,
  accept,
  type JobId,
  type NodeId,
  receiptDocument,
  refuse,
  reopen,
  resultId,
} from '@nexapod/specs'
import type { EntryView } from '../../home/view.ts'
import type { Ground } from '../ground.ts'
import { chainHere } from '../here.ts'
import type { JobFound, UnitFound } from '../register/reader.ts'
import { readAnew } from '../register/register.ts'

/** A job that an entry has, once all is read that is on the disk. */
export async function jobFound(
  { register }: Ground,
  id: JobId,
  signal: AbortSignal,
): Promise<Answer<JobFound>> {
  const reads = await register.caughtUp(signal)
  if (!reads.ok) return reads
  const found = reads.value.job(id)
  return found === undefined ? refuse('job.unknown', { at: 'job' }) : accept(found)
}

/** What an accepted unit gave, from the verdict in its entry; many units have one in common. */
export async function resultOf(
  { judge }: Ground,
  job: JobFound,
  { unit, seq }: UnitFound,
  read = new Map<number, Answer<EntryView>>(),
) {
  const here = chainHere(judge, job.chain)
  if (!here.ok) return here
  const view = read.get(seq) ?? (await here.value.entry(seq))
  read.set(seq, view)
  if (!view.ok) return view
  const fact = view.value.entry.facts.findLast(
    (one) => one.type === 'verdict' && one.job === job.id && one.unit === unit,
  )
  if (fact?.type !== 'verdict' || fact.decided.type !== 'accepted') {
    if (here.value.role === 'followed') return { ok: false as const, refusal: readAnew }
    throw new Error(`entry ${seq} accepts no unit ${unit} of ${job.id}`)
  }
  const { outcome, agreeing } = fact.decided
  const nodes: NodeId[] = []
  for (const signed of fact.receipts) {
    const receipt = reopen(receiptDocument, signed)
    if (receipt.ok && agreeing.includes(receipt.value.slot)) nodes.push(receipt.value.node)
  }
  return accept({ unit, seq, result: resultId(outcome), outcome, nodes })
}

/** The same of one unit, if it is accepted. */
export async function resultAt(ground: Ground, job: JobId, unit: number, signal: AbortSignal) {
  const found = await jobFound(ground, job, signal)
  if (!found.ok) return found
  const [accepted] = ground.register.reads.accepted(found.value.number, unit, 1)
  if (accepted?.unit === unit) return await resultOf(ground, found.value, accepted)
  return refuse('data.unknown', { at: 'unit', detail: 'a unit that is accepted' })
}
