import type { Account, Entry, JobId, NodeId, OwnerId, ResultId } from '@nexapod/specs'
import { must } from './rule.ts'
import type { JobRow } from './state.ts'
import type { OpenUnit } from './units.ts'

/** Whose receipt agreed with the outcome, and which it was. */
export interface Winner {
  readonly slot: number
  readonly epoch: number
  readonly fence: number
  readonly node: NodeId
  readonly owner: OwnerId
}

/** An accepted unit with sealed receipts that its verdict did not open: referees have them. */
export interface Reviewed {
  readonly result: ResultId
  readonly winners: readonly Winner[]
  readonly executor: JobRow['executor']['type']
  /** Those that no audit opened yet. */
  readonly sealed: OpenUnit['sealed']
  readonly wrong: boolean
}

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
  /** Accepted units that referees ran too, by their names. */
  readonly audits = new Map<string, Reviewed>()
  /** What was claimed, by the chain and the transfer that departed there. */
  readonly arrivals = new Map<string, Arrival>()

  /** Holds that each fact has the others that belong to it. */
  end({ epoch }: Pick<Entry, 'epoch'>): void {
    must(this.funds.size === 0, 'a job with a budget is funded in the same entry')
    must(this.earnings.size === 0, 'what a verdict earns is in the same entry')
    must(this.arrivals.size === 0, 'what is claimed arrives in the same entry')
    for (const { sealed } of this.audits.values()) {
      // Those of an earlier epoch may have been lost with its coordinator.
      must(!sealed.some((one) => one.epoch === epoch), unopened)
    }
  }
}

/** The rule of receipts that were sealed and not opened. */
export const unopened = 'what was sealed in this epoch is opened with the verdict'
