import { expect, test } from 'vitest'
import { TestClock } from '../test/time.ts'
import { Pace } from './pace.ts'

/** So many that wait at a pace, each with its network; who has begun, and when. */
function waiting(clock: TestClock, pace: Pace, networks: readonly string[], gapMs: number) {
  const begun: [string, number][] = []
  const leave = networks.map((network) =>
    pace.wait(network, () => {
      begun.push([network, clock.now()])
      return gapMs
    }),
  )
  return { begun, leave }
}

test('the first begins at once, and nobody for a while after it', async () => {
  const clock = new TestClock()
  const pace = new Pace(clock)
  expect(pace.take(8)).toBe(true)
  expect(pace.take(8)).toBe(false)
  await clock.pass(7)
  expect(pace.take(8)).toBe(false)
  await clock.pass(1)
  expect(pace.take(8)).toBe(true)
})

test('who waits begins in its turn, each after the gap of the one before', async () => {
  const clock = new TestClock()
  const pace = new Pace(clock)
  expect(pace.take(8)).toBe(true)
  const { begun } = waiting(clock, pace, ['a', 'a', 'a'], 2)
  await clock.pass(100)
  expect(begun.map(([, at]) => at)).toEqual([8, 10, 12])
})

test('nobody passes by those who wait', async () => {
  const clock = new TestClock()
  const pace = new Pace(clock)
  waiting(clock, pace, ['a', 'a'], 50)
  await clock.pass(10)
  expect(pace.take(1)).toBe(false)
  await clock.pass(100)
  expect(pace.take(1)).toBe(true)
})

test('networks take turns, however many of one there are', async () => {
  const clock = new TestClock()
  const pace = new Pace(clock)
  const { begun } = waiting(clock, pace, ['a', 'a', 'a', 'a', 'b', 'c', 'c'], 1)
  await clock.pass(100)
  expect(begun.map(([network]) => network).join('')).toBe('abcacaa')
})

test('who leaves is not waited for, and keeps nothing of those behind', async () => {
  const clock = new TestClock()
  const pace = new Pace(clock)
  const { begun, leave } = waiting(clock, pace, ['a', 'b', 'a'], 5)
  leave[0]?.()
  leave[1]?.()
  leave[1]?.()
  await clock.pass(100)
  expect(begun).toEqual([['a', 0]])
  expect(clock.waiting).toBe(0)
})
