import { limits, type Rates } from '../../../specs/index.ts'
import { kindOf } from './results.ts'
import type { Said } from './tally.ts'
import { voteAt } from './unit-tally.ts'
import { violated } from './violation.ts'

/** Holds what is accepted against what the mesh promises of it, whatever is true. */
export function checkAccepted(
  { job: { job, admittedAt }, tally, decided }: Said,
  rates: Rates,
): void {
  if (decided.type !== 'accepted' || kindOf(job) === 'probe') return
  const { agreeing, referees } = decided
  const owners = new Set(agreeing.map((slot) => voteAt(tally.votes, slot).owner))
  const isScience = job.replicas === undefined
  if (isScience && owners.size < 2) violated(`one owner decides a unit of ${job.name}`)
  // Where all who are there have voted, nobody is left to look; who is there is not known here.
  const isAlone = tally.decidedAt - admittedAt >= 2 * limits.desertedMs
  if (rates.auditPermille < 1000 || tally.votes.size >= limits.slotsMax || isAlone) return
  const isAudited = referees.some((slot) => agreeing.includes(slot))
  if (!isAudited) violated(`no referee looks at a unit of ${job.name}, and all are audited`)
}
