/** What came of a run, counted. */
export interface Counts {
  /** Results that nodes delivered: for units, audits and verifying again. */
  executions: number
  aborts: number
  /** Units that were tried. */
  units: number
  /** Units that were given up. */
  dead: number
  final: number
  wrong: number
  audits: number
  /** Units that were verified again, and those of them that got another result. */
  again: number
  corrected: number
  bans: number
  honestBans: number
  suspensions: number
  honestSuspensions: number
  /** Platforms that a job went on without. */
  asides: number
  /** Units on which two platforms differed, with no third to tell. */
  splits: number
}

/** Nothing counted yet. */
export function noCounts(): Counts {
  return {
    executions: 0,
    aborts: 0,
    units: 0,
    dead: 0,
    final: 0,
    wrong: 0,
    audits: 0,
    again: 0,
    corrected: 0,
    bans: 0,
    honestBans: 0,
    suspensions: 0,
    honestSuspensions: 0,
    asides: 0,
    splits: 0,
  }
}

/** Counts of which each is told. */
export function countEach(of: (key: keyof Counts) => number): Counts {
  const counts = noCounts()
  for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] = of(key)
  return counts
}

/** What was counted after an earlier count. */
export function since(now: Counts, before: Counts): Counts {
  return countEach((key) => now[key] - before[key])
}

/** The share of final units whose result is wrong. */
export function wrongShare({ wrong, final }: Counts): number {
  return final === 0 ? 0 : wrong / final
}

/** Executions for each unit that was not given up, those in vain counted too. */
export function redundancy({ executions, units, dead }: Counts): number {
  return executions / Math.max(1, units - dead)
}
