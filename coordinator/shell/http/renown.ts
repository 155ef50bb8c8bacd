import { limits } from '@nexapod/specs'
import type { Day, Leader, OwnerFound } from './register/reader.ts'

const dayMs = 24 * 3_600_000

/** What was reached at one of its levels. */
export interface Badge {
  readonly kind: 'credits' | 'streak' | 'jobs' | 'years'
  readonly level: number
  readonly words: string
}

/** Days in a row on which something was earned. */
export interface Streak {
  readonly now: number
  readonly longest: number
}

/** Who is met at the same sum, and when, if both go on as lately. */
export interface Meeting {
  readonly id: string
  readonly rank: number
  readonly gapMicro: number
  readonly time: number
}

const tens = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

const kinds = {
  credits: { levels: tens, words: (level: number) => `${grouped(level)} credits` },
  streak: { levels: [3, 7, 30, 100, 365], words: (level: number) => `${level} days in a row` },
  jobs: { levels: tens, words: (level: number) => `${grouped(level)} jobs helped` },
  years: { levels: [1, 2, 5, 10], words: (level: number) => `${level} years here` },
} as const

/** The badges of an owner: of each kind the highest level that was reached. */
export function badgesOf(
  { micro, since }: Pick<OwnerFound, 'micro' | 'since'>,
  of: { readonly streak: Streak; readonly jobs: number; readonly time: number },
): Badge[] {
  const reached = {
    credits: micro / 1e6,
    streak: of.streak.longest,
    jobs: of.jobs,
    years: (of.time - since) / (365.25 * dayMs),
  }
  return (['credits', 'streak', 'jobs', 'years'] as const).flatMap((kind) => {
    const { levels, words } = kinds[kind]
    const level = levels.findLast((one) => one <= reached[kind])
    if (level === undefined) return []
    return [
      { kind, level, words: level === 1 ? words(1).replace(/s\b(?!.*s\b)/, '') : words(level) },
    ]
  })
}

/** Days in a row, the newest first: the present ones end today or yesterday. */
export function streakOf(days: readonly Day[], time: number): Streak {
  const today = Math.floor(time / dayMs)
  let [now, longest, run] = [0, 0, 0]
  let next: number | undefined
  for (const { day, micro } of days) {
    if (micro <= 0) continue
    run = day === next ? run + 1 : 1
    const end = day + run - 1
    if (end >= today - 1) now = run
    longest = Math.max(longest, run)
    next = day - 1
  }
  return { now, longest }
}

/**
 * Whom an owner passes next, and who passes it, if all go on as their recent averages say: those
 * next to it in the order are looked at.
 */
export function meetingsOf(
  me: Pick<OwnerFound, 'id' | 'micro' | 'recentMicro'>,
  around: readonly Leader[],
  time: number,
): { readonly passes?: Meeting; readonly passedBy?: Meeting } {
  let passes: Meeting | undefined
  let passedBy: Meeting | undefined
  for (const { id, rank, micro, recentMicro } of around) {
    if (id === me.id) continue
    const gapMicro = Math.abs(micro - me.micro)
    const isAhead = micro > me.micro
    const faster = isAhead ? me.recentMicro - recentMicro : recentMicro - me.recentMicro
    const at = Math.ceil(time + (gapMicro / faster) * dayMs)
    if (faster <= 0 || at > limits.timeMsMax) continue
    const meeting = { id, rank, gapMicro, time: at }
    if (isAhead && at < (passes?.time ?? Number.POSITIVE_INFINITY)) passes = meeting
    if (!isAhead && at < (passedBy?.time ?? Number.POSITIVE_INFINITY)) passedBy = meeting
  }
  return {
    ...(passes === undefined ? {} : { passes }),
    ...(passedBy === undefined ? {} : { passedBy }),
  }
}

/** A whole number with its thousands apart. */
export function grouped(value: number): string {
  return String(Math.floor(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}
