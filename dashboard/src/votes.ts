import type { Entry } from './api/shown.ts'
import { at } from './facts.ts'

/** What a node said of a unit, and what the verdict made of it. */
export interface Vote {
  readonly unit: number
  readonly node: string
  readonly result: string
  readonly agrees: boolean
  readonly seq: number
}

/** The votes on units of a job that the verdicts of an entry opened. */
export function votesIn({ seq, entry }: Entry, job: string): Vote[] {
  return entry.facts.flatMap((fact) => {
    if (fact.type !== 'verdict' || fact.job !== job || typeof fact.unit !== 'number') return []
    const { unit } = fact
    const agreeing = listOf(at(fact, 'decided', 'agreeing'))
    return listOf(fact.receipts).map((receipt) => ({
      ...{ unit, seq, agrees: agreeing.includes(at(receipt, 'body', 'slot')) },
      node: String(at(receipt, 'body', 'node') ?? ''),
      result: String(at(receipt, 'body', 'result') ?? ''),
    }))
  })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
