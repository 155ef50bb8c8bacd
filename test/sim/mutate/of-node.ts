import type { Mutation } from './mutation.ts'

/** Rules of leases and receipts, in the core of a node. */
export const ofNode: readonly Mutation[] = [
  {
    name: 'node-speaks-first',
    rule: 'a receipt is on the disk of its node before anybody is told',
    file: 'node/core/turn.ts',
    text: 'return [...this.#rows, ...this.#acts]',
    instead: 'return [...this.#acts, ...this.#rows]',
  },
  {
    name: 'two-receipts',
    rule: 'a unit whose receipt is kept is not run again',
    file: 'node/core/begin.ts',
    text: 'if (state.kept.has(key)) {',
    instead: 'if (key === undefined) {',
  },
  {
    name: 'receipt-forgotten',
    rule: 'a receipt is kept until its verdict is covered, and not until one coordinator has it',
    file: 'node/core/receipts.ts',
    text: "turn.tell({ type: 'acknowledged', key: kept.key, coordinator, epoch })",
    instead:
      "turn.tell({ type: 'acknowledged', key: kept.key, coordinator, epoch })\n  drop(turn, kept)",
  },
  {
    name: 'runs-past-lease',
    rule: 'a unit stops when its lease is over',
    file: 'node/core/leases.ts',
    text: "if (turn.due(held.endsAt)) release(turn, held, 'expired', true)\n  else if",
    instead: 'if',
  },
  {
    name: 'runs-unshown',
    rule: 'after a restart a unit runs again when its lease was shown',
    file: 'node/core/renewals.ts',
    text: "turn.say(talk, { type: 'hold', leases: some.map((held) => held.signed) })",
    instead: '',
  },
]
