import type { Mutation } from './mutation.ts'

/** Rules of credit, in the core of a coordinator. */
export const ofCredit: readonly Mutation[] = [
  {
    name: 'paid-too-soon',
    rule: 'credit settles when audits are over',
    file: 'coordinator/core/settle.ts',
    text: 'first.at + settleMs > time) break',
    instead: 'first.at > time) break',
  },
  {
    name: 'paid-to-holder',
    rule: 'credit is of the owner of the vote, whoever has the node now',
    file: 'coordinator/core/settle.ts',
    text: 'const { node, owner } = winner',
    instead: 'const { node } = winner\n  const owner = ownerNow(turn.state, node, turn.time)',
    imports: "import { ownerNow } from './people.ts'",
  },
  {
    name: 'owner-of-the-lease',
    rule: 'a vote is of who owns its node when it is opened',
    file: 'coordinator/core/ruling.ts',
    text: '  ownedNow(turn, unit)\n',
    instead: '',
  },
  {
    name: 'newcomers-paid',
    rule: 'what a newcomer earns waits until it has shown itself',
    file: 'coordinator/core/settle.ts',
    text: 'if (isTrusted(turn.state, node, owner, job.kind)) move(',
    instead: 'if (node) move(',
  },
  {
    name: 'losers-paid',
    rule: 'who won by an earlier verdict and not by the last is not paid',
    file: 'coordinator/core/settle.ts',
    text: 'vote?.wins !== true ||',
    instead: 'vote === undefined ||',
  },
  {
    name: 'banned-paid',
    rule: 'who is banned is not paid',
    file: 'coordinator/core/settle.ts',
    text: ' || isBanned(state, vote.owner)) return undefined',
    instead: ') return undefined',
  },
  {
    name: 'bonds-of-banned-returned',
    rule: 'the bond of who is banned is forfeited',
    file: 'coordinator/core/settle.ts',
    text: 'banned ? accounts.slash : accounts.owner(owner)',
    instead: 'accounts.owner(owner)',
  },
  {
    name: 'earned-again',
    rule: 'a slot earns once, however often its unit is decided',
    file: 'coordinator/core/ruling.ts',
    text: 'if (balanceOf(ledger.state, to) > 0) continue',
    instead: '',
  },
  {
    name: 'budget-unread',
    rule: 'a job is funded by what its publisher has',
    file: 'coordinator/core/admit.ts',
    text: 'return budgetMicro > balanceOf(state.ledger.state, purse)',
    instead: 'return budgetMicro === 0',
  },
  {
    name: 'meter-overdrawn',
    rule: 'a container stops when its escrow is empty',
    file: 'coordinator/core/meter.ts',
    text: 'if (micro > balanceOf(state.ledger.state, from)) return false',
    instead: '',
  },
  {
    name: 'refund-too-soon',
    rule: 'what a job holds is settled before the rest is refunded',
    file: 'coordinator/core/ends.ts',
    text: 'if (isOver && held === 0) end(turn, book)',
    instead: 'if (isOver) end(turn, book)',
  },
]
