import { describe, expect, test } from 'vitest'
import { badgesOf, meetingsOf, streakOf } from './renown.ts'

const day = 24 * 3_600_000
const daysOf = (...days: number[]) => days.map((one) => ({ day: one, micro: 5 }))

describe('renown', () => {
  test('counts days in a row that end today or yesterday, and the longest of all', () => {
    expect(streakOf(daysOf(20, 19, 17, 16, 15), 20 * day + 5)).toEqual({ now: 2, longest: 3 })
    expect(streakOf(daysOf(19, 18, 17), 20 * day)).toEqual({ now: 3, longest: 3 })
    expect(streakOf(daysOf(18, 17), 20 * day)).toEqual({ now: 0, longest: 2 })
    expect(streakOf([], 20 * day)).toEqual({ now: 0, longest: 0 })
    const lost = [{ day: 20, micro: 1 }, { day: 19, micro: -4 }, ...daysOf(18)]
    expect(streakOf(lost, 20 * day)).toEqual({ now: 1, longest: 1 })
  })

  test('gives of each kind the highest level that was reached', () => {
    const of = { streak: { now: 0, longest: 31 }, jobs: 1, time: 800 * day }
    expect(badgesOf({ micro: 1_234e6, since: 0 }, of).map(({ words }) => words)).toEqual([
      ...['1,000 credits', '30 days in a row', '1 job helped', '2 years here'],
    ])
    const none = { streak: { now: 0, longest: 0 }, jobs: 0, time: 0 }
    expect(badgesOf({ micro: 999_999, since: 0 }, none)).toEqual([])
  })

  test('foresees who is passed first, which need not be who is next', () => {
    const me = { id: 'me', micro: 100, recentMicro: 30 }
    const at = (id: string, rank: number, micro: number, recentMicro: number) => {
      return { id, rank, micro, recentMicro }
    }
    const around = [at('far', 1, 160, 0), at('near', 2, 110, 29), at('low', 4, 90, 35)]
    expect(meetingsOf(me, around, 0)).toEqual({
      passes: { id: 'far', rank: 1, gapMicro: 60, time: 2 * day },
      passedBy: { id: 'low', rank: 4, gapMicro: 10, time: 2 * day },
    })
    expect(meetingsOf({ ...me, recentMicro: 0 }, [at('far', 1, 160, 0)], 0)).toEqual({})
  })
})
