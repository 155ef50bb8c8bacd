import { describe, expect, test } from 'vitest'
import { runWorld } from './outcome.ts'

/** Worlds of each test run, in parts that may run beside each other. */
const seeds = 80
const parts = 8

describe('a whole mesh', () => {
  test.each(Array.from({ length: parts }, (_, part) => part))(
    'keeps what it promises, part %i',
    (part) => {
      for (let seed = part; seed < seeds; seed += parts) {
        const { failure } = runWorld(seed)
        expect(
          failure && `${failure.what}\nrun it again: pnpm sim ${failure.again}`,
        ).toBeUndefined()
      }
    },
    600_000,
  )

  test('is a function of its seed', () => {
    for (const seed of [3, 14]) {
      const [one, other] = [runWorld(seed), runWorld(seed)]
      expect(other.trace).toBe(one.trace)
      expect(other.counts).toEqual(one.counts)
    }
    expect(runWorld(3).trace).not.toBe(runWorld(4).trace)
  })
})
