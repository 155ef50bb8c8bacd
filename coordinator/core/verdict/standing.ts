/** What the verdicts say about a node, for one kind of executor. */
export interface Standing {
  /** Vouched passes since it was wrong. */
  readonly vouched: number
  readonly passes: number
  /** Times that it was wrong, but for those forgiven. */
  readonly strikes: number
}

/** Strikes at which a node is suspended. */
export const strikesMax = 5
/** Vouched passes in a row that take a strike away: more than it takes to be believed alone. */
const forgivingPasses = 2000

/** A node agreed with what was accepted. */
export function passed(was: Standing, vouched: boolean): Standing {
  const passes = was.passes + 1
  if (!vouched) return { ...was, passes }
  const now = was.vouched + 1
  const forgiven = was.strikes > 0 && now % forgivingPasses === 0 ? 1 : 0
  return { vouched: now, passes, strikes: was.strikes - forgiven }
}

/** A node was wrong. */
export function struck(was: Standing): Standing {
  return { vouched: 0, passes: was.passes, strikes: was.strikes + 1 }
}
