import { unwanted, unwished } from './job-fit.ts'
import { giveBack } from './leases.ts'
import type { Turn } from './turn.ts'

/** Gives back what the owner does not want any more, as far as it is not computed already. */
export function shedUnwanted(turn: Turn): void {
  const { limits: own, jobs, held } = turn.state
  for (const one of [...held.values()]) {
    const job = jobs.get(one.lease.job)
    if (job === undefined || one.stage === 'keeping') continue
    const why = unwanted(own, job) ?? (unwished(own, job) === undefined ? undefined : 'owner')
    if (why !== undefined) giveBack(turn, one, why)
  }
}
