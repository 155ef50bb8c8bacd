import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timers } from './timers.ts'

test('what is due comes up, the earliest first, and nothing before its time', () => {
  const timers = new Timers<string>()
  expect(timers.next).toBe(Number.POSITIVE_INFINITY)
  timers.add(30, 'c')
  timers.add(10, 'a')
  timers.add(20, 'b')
  expect(timers.next).toBe(10)
  expect(timers.due(9)).toBeUndefined()
  expect([timers.due(25), timers.due(25), timers.due(25)]).toEqual(['a', 'b', undefined])
  expect(timers.next).toBe(30)
})

test('what is due at one time comes up as it was added', () => {
  const timers = new Timers<number>()
  for (let i = 0; i < 50; i++) timers.add(5, i)
  const order = Array.from({ length: 50 }, () => timers.due(5))
  expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

test('whatever is added when, all comes up in its order', () => {
  const due = fc.array(fc.record({ at: fc.nat({ max: 9 }), wait: fc.nat({ max: 2 }) }))
  fc.assert(
    fc.property(due, (additions) => {
      const timers = new Timers<{ at: number; i: number }>()
      const expected: { at: number; i: number }[] = []
      let now = 0
      const drain = () => {
        expected.sort((a, b) => a.at - b.at || a.i - b.i)
        expect(timers.next).toBe(expected[0]?.at ?? Number.POSITIVE_INFINITY)
        const next = timers.due(now)
        expect(next).toBe((expected[0]?.at ?? now + 1) <= now ? expected.shift() : undefined)
        return next
      }
      for (const [i, { at, wait }] of additions.entries()) {
        const one = { at: now + at, i }
        expected.push(one)
        timers.add(one.at, one)
        now += wait
        drain()
      }
      now += 9
      while (drain() !== undefined);
      expect(expected).toEqual([])
    }),
  )
})

test('what was taken out does not come up, and can be taken out again', () => {
  const timers = new Timers<string>()
  const forget = timers.addFor(10, 'a')
  const late = timers.addFor(20, 'b')
  timers.add(30, 'c')
  forget()
  forget()
  expect(timers.next).toBe(20)
  expect(timers.due(20)).toBe('b')
  late()
  expect([timers.due(30), timers.due(30)]).toEqual(['c', undefined])
})
