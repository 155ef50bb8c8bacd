import { type Anomaly, short } from './anomaly.ts'
import { bank } from './bank.ts'
import { readChains } from './chains.ts'
import type { Event } from './history.ts'
import { set } from './set.ts'

/** What a history comes to. */
export interface Checked {
  readonly anomalies: readonly Anomaly[]
  readonly counts: {
    /** Jobs that were acknowledged, and units of them that were accepted or are dead. */
    readonly jobs: number
    readonly accepted: number
    readonly dead: number
    /** Receipts that were acknowledged to nodes. */
    readonly receipts: number
    /** Of these, what was cut off with the end of an epoch. */
    readonly cut: number
    /** Executions that were paid, and by how much in all. */
    readonly paid: number
    readonly micro: number
    readonly entries: number
    /** Times that a chain was read while everything ran. */
    readonly reads: number
  }
}

/**
 * What a history proves: it is a function of what happened and of nothing else. As with a bank, all
 * accounts together are 0 whenever they are read, and nothing is paid twice; as with a set, what
 * was acknowledged or read once is there for ever.
 */
export function check(events: readonly Event[]): Checked {
  const chains = readChains(events)
  const money = bank(events, chains)
  const kept = set(events, chains)
  const broken = events.flatMap((event): Anomaly[] => {
    if (event.type !== 'broken' && event.type !== 'down') return []
    const { at } = event
    if (event.type === 'down') return [{ is: 'down', says: `${event.name} at ${at}: ${event.why}` }]
    const { from, chain, seq, code } = event
    return [{ is: 'broken', says: `${from} served ${short(chain)} at ${seq}, at ${at}: ${code}` }]
  })
  return {
    anomalies: [...kept.anomalies, ...money.anomalies, ...broken],
    counts: {
      ...kept.counts,
      ...money.counts,
      entries: [...chains.values()].reduce((sum, { hashes }) => sum + hashes.length, 0),
      reads: events.filter(({ type }) => type === 'read').length,
    },
  }
}
