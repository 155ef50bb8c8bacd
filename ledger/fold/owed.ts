import type { Account, JobId } from '@nexapod/specs'
import { must } from './rule.ts'

/** Credit that has to move in the entry: from where, and how much. */
export interface Due {
  readonly from: Account
  readonly micro: number
}

/** Credit that another chain let depart to an owner. */
export interface Arrival extends Due {
  readonly to: Account
}

/** What the facts of an entry open for others to meet: at its end, nothing may be left. */
export class Owed {
  /** What jobs with a budget are funded with. */
  readonly funds = new Map<JobId, Due>()
  /** What verdicts earn, by the account that it goes to. */
  readonly earnings = new Map<Account, Due>()
  /** What was claimed, by the chain and the transfer that departed there. */
  readonly arrivals = new Map<string, Arrival>()

  /** Holds that each fact has the others that belong to it. */
  end(): void {
    must(this.funds.size === 0, 'a job with a budget is funded in the same entry')
    must(this.earnings.size === 0, 'what a verdict earns is in the same entry')
    must(this.arrivals.size === 0, 'what is claimed arrives in the same entry')
  }
}
