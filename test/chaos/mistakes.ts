import type { Mutation } from '../sim/mutate/mutation.ts'
import type { FaultKind } from './plan.ts'

/** A mistake that a run has to find: what it is, what befalls it, and what it is seen as. */
export interface Mistake {
  readonly rule: string
  readonly mutations: readonly Mutation[]
  /** Faults that bring it to light. */
  readonly faults: readonly FaultKind[]
  /** Anomalies of which one has to be found. */
  readonly seenAs: readonly string[]
}

/** Mistakes in the house, by name. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  unsynced: {
    rule: 'what is acknowledged is on the disk',
    mutations: [
      {
        name: 'unsynced',
        rule: 'entries are synced',
        file: 'ledger/store/disk.ts',
        text: 'await this.#level.batch([...changes], { sync: true })',
        instead: 'await this.#level.batch([...changes], { sync: false })',
      },
      {
        name: 'unsynced-anchor',
        rule: 'the memory of the last tip is synced',
        file: 'ledger/store/anchor.ts',
        text: 'await this.#file.datasync()',
        instead: '',
      },
    ],
    faults: ['power-all'],
    seenAs: ['job-lost', 'read-lost', 'read-changed', 'receipt-lost'],
  },
}
