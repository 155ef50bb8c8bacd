import type { Group } from './groups.ts'
import type { Decision, Terms, Vote } from './vote.ts'

/** Owners of one platform who have to err alike before it is the platform that errs. */
const erringAlike = 3

/**
 * What has to be done yet to know whether nodes err or their platform, where two results come from
 * different platforms alone. First more owners of a platform that stands alone are asked. And since
 * a class is not right for being larger, two platforms have to agree against another: where there
 * are but two, nobody can tell which of them is right, and the job is split.
 */
export function doubtOf(
  top: Group,
  groups: readonly Group[],
  votes: readonly Vote[],
  { platforms }: Terms,
): Decision | undefined {
  const winning = platformsOf(top.votes)
  for (const group of groups) {
    if (group === top || !group.votes.some(isKnown)) continue
    const losing = platformsOf(group.votes)
    if (haveOne(winning, losing)) continue
    const [platform = ''] = losing
    const asked = votes.filter((vote) => !vote.failed && vote.platform === platform)
    if (losing.size === 1 && asked.every(({ says }) => says === group.says)) {
      if (asked.length < erringAlike && platforms.has(platform)) return ask(platform, top)
    }
    if (group.votes.length < 2 || winning.size > 1) continue
    const others = [...platforms].filter((one) => !winning.has(one))
    const third =
      others.find((one) => !losing.has(one)) ?? (losing.size > 1 ? others[0] : undefined)
    if (third !== undefined) return ask(third, top)
    return { type: 'split', platforms: [...winning, ...losing] }
  }
  return undefined
}

/** Whether no winner has the platform of any of these: then it may not be they who err. */
export function isApart(alike: readonly Vote[], winners: readonly Vote[]): boolean {
  return !haveOne(platformsOf(alike), platformsOf(winners))
}

/** The platform that errs, if these are two owners of one, and not all of them are strangers. */
export function erringPlatform(alike: readonly Vote[]): string | undefined {
  const [platform, ...others] = platformsOf(alike)
  return others.length === 0 && alike.some(isKnown) ? platform : undefined
}

function platformsOf(votes: readonly Vote[]): Set<string> {
  return new Set(votes.map(({ platform }) => platform))
}

function haveOne(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((one) => others.has(one))
}

function ask(platform: string, { referee }: Group): Decision {
  return { type: 'want', wanted: [{ from: 'any', platform, referee }] }
}

/** Liars who come back under new keys are not worth the question. */
function isKnown({ own, vouched }: Vote): boolean {
  return own || vouched > 0
}
