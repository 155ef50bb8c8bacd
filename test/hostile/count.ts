import type { Fact } from '../../specs/index.ts'

/** What stands on the chain of that which must be there once. */
export interface Counted {
  /** Receipts that were acknowledged to honest nodes, and those of them that are not there. */
  readonly acknowledged: number
  readonly lost: readonly string[]
  /** Executions with two receipts, and those that were paid twice. */
  readonly sealedTwice: readonly string[]
  readonly paidTwice: readonly string[]
  /** Votes that won and were not paid. */
  readonly unpaid: readonly string[]
  /** Nodes that were paid and are none of the honest, with how often. */
  readonly strangers: Readonly<Record<string, number>>
  readonly paid: number
}

/** Counts what a chain says of executions; `acknowledged` names them as nodes do. */
export function counted(
  facts: readonly Fact[],
  acknowledged: readonly string[],
  honest: readonly string[],
): Counted {
  const sealed = new Map<string, number>()
  const paid = new Map<string, number>()
  const strangers: Record<string, number> = {}
  const won: string[] = []
  for (const fact of facts) {
    if (fact.type === 'receipt') {
      const { job, unit, slot, epoch, fence } = fact
      once(sealed, [job, unit, slot, epoch, fence].join('/'))
    } else if (fact.type === 'transfer' && fact.purpose.type === 'earn') {
      const { job, unit, slot } = fact.purpose
      once(paid, `${job}/${unit}/${slot}`)
    } else if (fact.type === 'verdict' && fact.decided.type === 'accepted') {
      for (const slot of fact.decided.agreeing) won.push(`${fact.job}/${fact.unit}/${slot}`)
    } else if (fact.type === 'transfer') {
      for (const account of [fact.from, fact.to]) {
        const owner = /^(?:owner|bond)\/(.*)$/.exec(account)?.[1]
        if (owner === undefined || honest.includes(owner)) continue
        strangers[owner] = (strangers[owner] ?? 0) + 1
      }
    }
  }
  // A node names its coordinator's chain in front.
  const named = acknowledged.map((key) => key.slice(key.indexOf('/') + 1))
  return {
    acknowledged: named.length,
    lost: named.filter((key) => !sealed.has(key)),
    sealedTwice: twice(sealed),
    paidTwice: twice(paid),
    unpaid: won.filter((key) => !paid.has(key)),
    strangers,
    paid: paid.size,
  }
}

function once(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function twice(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].filter(([, times]) => times > 1).map(([key]) => key)
}
