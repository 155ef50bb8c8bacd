import type { Reputation } from './state.ts'

/** What is known of a node that no verdict was about. */
export const newcomer: Reputation = { vouched: 0, passes: 0, strikes: 0 }

/** Strikes at which a node is suspended. */
export const strikesMax = 5
/** Vouched passes in a row that take a strike away: more than it takes to be believed alone. */
const forgivingPasses = 2000

/** A node agreed with what was accepted. */
export function passed(was: Reputation, vouched: boolean): Reputation {
  const passes = was.passes + 1
  if (!vouched) return { ...was, passes }
  const now = was.vouched + 1
  const forgiven = was.strikes > 0 && now % forgivingPasses === 0 ? 1 : 0
  return { vouched: now, passes, strikes: was.strikes - forgiven }
}

/** A node was wrong. */
export function struck(was: Reputation): Reputation {
  return { vouched: 0, passes: was.passes, strikes: was.strikes + 1 }
}
