import type { Mutation } from '../sim/mutate/mutation.ts'
import type { FaultKind } from './plan.ts'

/** A mistake that a run has to find. */
export interface Mistake {
  readonly rule: string
  /** What the processes of coordinators are mutated by. */
  readonly mutations: readonly Omit<Mutation, 'name' | 'rule'>[]
  /** Faults that bring it to light. */
  readonly faults: readonly FaultKind[]
  /** The anomalies that it is seen as. */
  readonly seenAs: readonly string[]
  /** How long that takes. */
  readonly seconds: number
}

/** What a coordinator does that forks its chain on purpose: it asks no witness what was seen. */
export const forger = 'forger'

const forging = {
  file: 'coordinator/shell/home/notary.ts',
  text: 'store.gate.witnessed(ofThis)',
  instead: 'store.gate.witnessed([])',
} as const

/** What a process can be mutated by, by name. */
export function mutationsOf(name: string): Mistake['mutations'] | undefined {
  return name === forger ? [forging] : mistakes[name]?.mutations
}

/** Mistakes in the house, by name. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  unsynced: {
    rule: 'what is acknowledged is on the disk',
    mutations: [
      {
        file: 'ledger/store/disk.ts',
        text: 'batch([...changes], { sync: true })',
        instead: 'batch([...changes], { sync: false })',
      },
      { file: 'ledger/store/anchor.ts', text: 'await this.#file.datasync()', instead: '' },
    ],
    faults: ['power-all'],
    seenAs: ['job-lost', 'receipt-lost', 'read-lost', 'read-changed', 'end-lost'],
    seconds: 15,
  },
  'seal-unheard': {
    rule: 'whose epoch was sealed says nothing more for it',
    mutations: [
      {
        file: 'coordinator/shell/coordinator.ts',
        text: 'lost: (chain) => this.#lose(chain)',
        instead: 'lost: () => {}',
      },
    ],
    faults: ['long-kill'],
    // Whether somebody hears its promises first, or reads entries that are others elsewhere.
    seenAs: ['after-seal', 'read-changed'],
    seconds: 60,
  },
  'paid-twice': {
    rule: 'what is earned is earned once, with the verdict that owes it',
    mutations: [
      {
        file: 'coordinator/core/ruling.ts',
        text: '> left ? undefined : earnings\n',
        instead: '> left ? undefined : [...earnings, ...earnings]\n',
      },
      {
        file: 'ledger/fold/money.ts',
        text: "needed(owed.earnings.get(to), 'what is earned is with its verdict, once')",
        instead: 'owed.earnings.get(to) ?? { from, micro }',
      },
    ],
    faults: ['node-kill'],
    seenAs: ['transfer-twice'],
    seconds: 10,
  },
}
