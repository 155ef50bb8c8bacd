import type { Judgement } from './judge.ts'
import type { Vote } from './vote.ts'

/** What the verdicts on a job say about platforms. */
export interface JobPlatforms {
  /** Those that agreed with another: whoever errs on them may be to blame. */
  readonly proven: ReadonlySet<string>
  /** How often somebody was excused for being on one. */
  readonly excused: ReadonlyMap<string, number>
  /** Those that the job goes on without. */
  readonly aside: ReadonlySet<string>
}

/** What is known before the first verdict on a job. */
export const noPlatforms: JobPlatforms = {
  proven: new Set(),
  excused: new Map(),
  aside: new Set(),
}

/** Excuses after which a platform is put aside, so that none is an excuse for ever. */
const excusesMax = 5

/** What is known of the platforms of a job after one more verdict. */
export function platformsAfter(
  was: JobPlatforms,
  votes: readonly Vote[],
  judgement: Judgement,
): JobPlatforms {
  const { passed, excused } = judgement
  // Nearly always all are of one platform, and nobody was wrong.
  const [first] = votes
  if (excused.length === 0 && votes.every(({ platform }) => platform === first?.platform))
    return was
  const platforms = (slots: readonly number[]) => {
    return votes.filter(({ slot }) => slots.includes(slot)).map(({ platform }) => platform)
  }
  const agreeing = new Set(platforms(passed.map(({ slot }) => slot)))
  const isNew = agreeing.size > 1 && [...agreeing].some((one) => !was.proven.has(one))
  if (!isNew && excused.length === 0) return was
  const excuses = new Map(was.excused)
  const aside = new Set([...was.aside, ...judgement.aside])
  for (const platform of platforms(excused)) {
    const times = (excuses.get(platform) ?? 0) + 1
    excuses.set(platform, times)
    if (times >= excusesMax) aside.add(platform)
  }
  return {
    proven: new Set(isNew ? [...was.proven, ...agreeing] : was.proven),
    excused: excuses,
    aside,
  }
}
