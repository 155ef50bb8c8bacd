import { type Entry, type Job, jobDocument, jobId, reopen, type Signed } from '@nexapod/specs'

/** What people want to see of a fact. */
export type Happening = {
  readonly seq: number
  readonly time: number
} & (
  | {
      readonly type: 'verdict'
      readonly job: string
      readonly unit: number
      readonly decided: 'accepted' | 'poisoned' | 'expired' | 'split' | 'cancelled'
      readonly agreeing: number
      readonly struck: number
      readonly micro: number
    }
  | { readonly type: 'job'; readonly job: string; readonly name: string }
  | { readonly type: 'end'; readonly job: string; readonly as: string }
  | { readonly type: 'node'; readonly node: string; readonly platform: string }
)

/** What happened in an entry. */
export function happeningsOf({ seq, time, facts }: Entry): Happening[] {
  const earned = new Map<string, number>()
  for (const fact of facts) {
    if (fact.type !== 'transfer' || fact.purpose.type !== 'earn') continue
    const key = `${fact.purpose.job} ${fact.purpose.unit}`
    earned.set(key, (earned.get(key) ?? 0) + fact.micro)
  }
  const told: Happening[] = []
  for (const fact of facts) {
    if (fact.type === 'verdict') {
      const { job, unit, decided } = fact
      const isAccepted = decided.type === 'accepted'
      told.push({
        ...{ seq, time, type: 'verdict', job, unit, decided: decided.type },
        agreeing: isAccepted ? decided.agreeing.length : 0,
        struck: isAccepted ? decided.struck.length + decided.banned.length : 0,
        micro: earned.get(`${job} ${unit}`) ?? 0,
      })
    } else if (fact.type === 'job') {
      told.push({ seq, time, type: 'job', job: jobId(fact.job), name: nameOf(fact.job) })
    } else if (fact.type === 'end') {
      told.push({ seq, time, type: 'end', job: fact.job, as: fact.as })
    } else if (fact.type === 'node') {
      told.push({
        seq,
        time,
        type: 'node',
        node: fact.node,
        platform: `${fact.platform.os} ${fact.platform.arch}`,
      })
    }
  }
  return told
}

function nameOf(signed: Signed<Job>): string {
  const job = reopen(jobDocument, signed)
  return job.ok ? job.value.name : ''
}
