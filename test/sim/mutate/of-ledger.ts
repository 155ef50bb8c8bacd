import type { Mutation } from './mutation.ts'

/** Rules of the fold. */
export const ofLedger: readonly Mutation[] = [
  {
    name: 'units-forgotten',
    rule: 'that a unit is decided is never forgotten',
    file: 'ledger/fold/units.ts',
    text: 'bits[byte] = (bits[byte] as number) | bit',
    instead: 'bits[byte] = bit',
  },
  {
    name: 'bans-forgotten',
    rule: 'a ban is for good',
    file: 'ledger/fold/accepted.ts',
    text: 'if (state.bans.get(owner) === undefined) state.bans.set(owner, { at: entry.time })',
    instead: '',
  },
  {
    name: 'half-an-entry',
    rule: 'of an entry that is refused nothing is kept',
    file: 'ledger/fold/learn.ts',
    text: 'state.tables.takeBack()',
    instead: '',
  },
  {
    name: 'below-nothing',
    rule: 'no account but the mint is below 0',
    file: 'ledger/fold/money.ts',
    text: "must(left >= least, 'an account holds what leaves it')",
    instead: '',
  },
  {
    name: 'earned-without-verdict',
    rule: 'what is earned is earned by the verdict of its entry',
    file: 'ledger/fold/money.ts',
    text: "const due = needed(owed.earnings.get(to), 'what is earned is with its verdict, once')",
    instead: 'const due = owed.earnings.get(to) ?? { from, micro }',
  },
  {
    name: 'paid-and-kept',
    rule: 'what is paid to one account leaves another',
    file: 'ledger/fold/money.ts',
    text: 'set(state, from, left)',
    instead: '',
  },
  {
    name: 'ended-goes-on',
    rule: 'a job that ended takes no more facts',
    file: 'ledger/fold/jobs.ts',
    text: "must(job.ended === undefined, 'a job that ended takes no more facts')",
    instead: '',
  },
]
