import { type Anomaly, short } from './anomaly.ts'
import type { ReadChain } from './chains.ts'
import type { Event } from './history.ts'

/** What a history says of jobs, receipts and reads. */
export interface Kept {
  readonly anomalies: readonly Anomaly[]
  readonly counts: {
    readonly jobs: number
    readonly accepted: number
    readonly dead: number
    readonly receipts: number
    /** Of these, what a seal has cut off, since no quorum had it yet, and no node brought again. */
    readonly cut: number
  }
}

/**
 * Every job that was acknowledged is there and ended once; every receipt that was acknowledged is
 * there; what was read once, with the signatures of a quorum, is in every later reading.
 */
export function set(events: readonly Event[], chains: ReadonlyMap<string, ReadChain>): Kept {
  const jobs = jobsIn(chains)
  const anomalies: Anomaly[] = [...jobsOnce(jobs), ...reads(events, chains)]
  const sealed = new Set<string>()
  for (const { facts } of chains.values()) {
    for (const fact of facts) if (fact.f === 'receipt') sealed.add(fact.key)
  }
  const counts = { jobs: 0, accepted: 0, dead: 0 }
  const receipts = new Set<string>()
  let cut = 0
  const wasAway = absences(events)
  const last = lastKept(events, chains)
  for (const event of events) {
    if (event.type === 'published') {
      const job = jobs.get(event.job)
      counts.jobs++
      counts.accepted += job?.accepted ?? 0
      counts.dead += job?.dead ?? 0
      const whose = `${short(event.job)} of ${event.publisher}, acknowledged at ${event.at}`
      if (job === undefined) anomalies.push({ is: 'job-lost', says: whose })
      else if (job.ends === 0) anomalies.push({ is: 'job-open', says: whose })
    } else if (event.type === 'ended') {
      const job = jobs.get(event.job)
      const isSo = job?.ends === 1 && job.accepted === event.accepted && job.dead === event.dead
      if (isSo) continue
      const says = `${short(event.job)} was told to have ended at ${event.at}, as it has not`
      anomalies.push({ is: 'end-lost', says })
    } else if (event.type === 'acknowledged') {
      receipts.add(event.key)
      if (sealed.has(event.key)) continue
      const says = `${event.key} of ${event.node}, acknowledged by ${event.from} at ${event.at}`
      const since = sealedAt(event, jobs, events)
      const isBelow = (last.get(ackedIn(event, jobs)) ?? 0) >= event.at + keptMs
      if (since === undefined || isBelow) anomalies.push({ is: 'receipt-lost', says })
      else if (event.at <= since + heardMs || wasAway(event.from, event.at)) cut++
      else anomalies.push({ is: 'after-seal', says })
    }
  }
  anomalies.push(...unproven(events), ...unheard(events, wasAway))
  return { anomalies, counts: { ...counts, receipts: receipts.size, cut } }
}

/** How long who was away may go on for an epoch that others have ended, until it hears of that. */
const heardMs = 20_000

/** What was acknowledged so much later was written later, too. */
const keptMs = 60_000

type Acknowledged = Event & { readonly type: 'acknowledged' }

/** By whom a receipt was acknowledged, and in which epoch of which chain. */
function ackedIn({ key, from, epoch }: Acknowledged, jobs: ReadonlyMap<string, Job>): string {
  const [chain = ''] = jobs.get(key.split('/')[0] ?? '')?.chains ?? []
  return `${from} ${chain} ${epoch}`
}

/**
 * When the last receipt was acknowledged that stands in the epoch in which it was, for each of
 * those. A seal cuts off an end: what was acknowledged long before that stands below it, too.
 */
function lastKept(
  events: readonly Event[],
  chains: ReadonlyMap<string, ReadChain>,
): ReadonlyMap<string, number> {
  const jobs = jobsIn(chains)
  const standing = new Set<string>()
  for (const { facts } of chains.values()) {
    for (const fact of facts) if (fact.f === 'receipt') standing.add(`${fact.key} ${fact.epoch}`)
  }
  const last = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'acknowledged' || !standing.has(`${event.key} ${event.epoch}`)) continue
    last.set(ackedIn(event, jobs), event.at)
  }
  return last
}

/**
 * When the epoch in which a receipt was acknowledged was known to be over, if it is. That need not
 * be the epoch of the receipt: a node brings it to whoever goes on.
 */
function sealedAt(
  { key, epoch }: Acknowledged,
  jobs: ReadonlyMap<string, Job>,
  events: readonly Event[],
): number | undefined {
  const [job = ''] = key.split('/')
  const [chain] = jobs.get(job)?.chains ?? []
  const later = events.find((one) => {
    return one.type === 'read' && one.chain === chain && one.epoch > epoch
  })
  return later?.at
}

type Absences = (name: string, at: number) => boolean

/** Tells whether a fault kept somebody from hearing of others, or did so until just now. */
function absences(events: readonly Event[]): Absences {
  const faults = events.filter((one) => one.type === 'fault')
  const ends = new Map<number, number>()
  for (const { number, phase, at } of faults) if (phase === 'ends') ends.set(number, at)
  const begun = faults.filter(({ phase }) => phase === 'begins')
  return (name, at) => {
    return begun.some(({ number, on, at: from }) => {
      const until = (ends.get(number) ?? Number.POSITIVE_INFINITY) + heardMs
      return on.includes(name) && from <= at && at <= until
    })
  }
}

interface Job {
  readonly chains: string[]
  ends: number
  accepted: number
  dead: number
}

/** What the chains say of each job, by the last verdict of each unit. */
function jobsIn(chains: ReadonlyMap<string, ReadChain>): ReadonlyMap<string, Job> {
  const jobs = new Map<string, Job>()
  for (const { chain, facts } of chains.values()) {
    const decided = new Map<string, string>()
    for (const fact of facts) {
      if (fact.f === 'job') {
        const job = jobs.get(fact.job) ?? { chains: [], ends: 0, accepted: 0, dead: 0 }
        job.chains.push(chain)
        jobs.set(fact.job, job)
      } else if (fact.f === 'verdict') {
        decided.set(`${fact.job}/${fact.unit}`, fact.as)
      } else if (fact.f === 'end') {
        const job = jobs.get(fact.job)
        if (job !== undefined) job.ends++
      }
    }
    for (const [key, as] of decided) {
      const job = jobs.get(key.split('/')[0] ?? '')
      if (job !== undefined) job[as === 'accepted' ? 'accepted' : 'dead']++
    }
  }
  return jobs
}

function jobsOnce(jobs: ReadonlyMap<string, Job>): Anomaly[] {
  return [...jobs].flatMap(([id, { chains, ends }]): Anomaly[] => {
    const twice: Anomaly[] = []
    if (chains.length > 1) {
      const says = `${short(id)} was admitted in ${chains.map(short).join(' and ')}`
      twice.push({ is: 'job-twice', says })
    }
    if (ends > 1) twice.push({ is: 'ended-twice', says: `${short(id)} ended ${ends} times` })
    return twice
  })
}

/** Whatever a quorum had signed when it was read is there at the end, and is the same. */
function reads(events: readonly Event[], chains: ReadonlyMap<string, ReadChain>): Anomaly[] {
  return events.flatMap((event): Anomaly[] => {
    if (event.type !== 'read' && event.type !== 'stands') return []
    const { chain, size, head, from, at } = event
    const there = chains.get(chain)?.hashes[size - 1]
    if (there === head) return []
    const what = `${size} entries of ${short(chain)}, read from ${from} at ${at}`
    if (there === undefined) return [{ is: 'read-lost', says: what }]
    return [{ is: 'read-changed', says: what }]
  })
}

/** A proof may be there so long before it is noted that the copy of a coordinator is up. */
const startMs = 30_000
/** How long a fork may be there before all others have its proof. */
const proofMs = 10_000

/** Within what an epoch of which no two heads were signed is ended instead, and that was read. */
const endedMs = 90_000

/** Whether an epoch of a chain was over by then: of what is over nobody needs a proof. */
function isOver(events: readonly Event[], chain: string, at: number): boolean {
  const reads = events.filter((one) => one.type === 'read').filter((one) => one.chain === chain)
  // The copy was made when the fault began: while it comes up, the others may end what it copies.
  const begins = events.findLast((one) => {
    return one.type === 'fault' && one.kind === 'fork' && one.phase === 'begins' && one.at <= at
  })
  const copied = begins?.at ?? at
  const before = reads.filter((one) => one.at <= copied).reduce((a, b) => Math.max(a, b.epoch), 0)
  return reads.some((one) => one.epoch > before && one.at <= at + endedMs)
}

/** Forks of which not all others had a proof in time, and that were not ended instead. */
function unproven(events: readonly Event[]): Anomaly[] {
  return events.flatMap((forked): Anomaly[] => {
    if (forked.type !== 'forked') return []
    const { chain, name, others, at } = forked
    const isEnded = isOver(events, chain, at)
    return others.flatMap((from) => {
      const found = events.find((one) => {
        const isIts = one.type === 'proven' && one.chain === chain && one.from === from
        return isIts && one.at >= at - startMs
      })
      const what = `${from} had no proof of the fork of ${name} in time`
      if (found === undefined) return isEnded ? [] : [{ is: 'unproven', says: what }]
      const ms = found.at - at
      return ms > proofMs ? [{ is: 'unproven', says: `${what}, but after ${ms} ms` }] : []
    })
  })
}

/** Times that an epoch which others had ended was served long after its writer was back. */
function unheard(events: readonly Event[], wasAway: Absences): Anomaly[] {
  return events.flatMap((event): Anomaly[] => {
    if (event.type !== 'ended-served' || wasAway(event.from, event.at)) return []
    const { from, chain, epoch, at } = event
    const says = `${from} served epoch ${epoch} of ${short(chain)} at ${at}, which was ended`
    return [{ is: 'after-seal', says }]
  })
}
