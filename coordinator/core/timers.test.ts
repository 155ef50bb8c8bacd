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

test('what was taken out does not come up, and can be taken out again', () => {
  const timers = new Timers<string>()
  const forget = timers.add(10, 'a')
  const late = timers.add(20, 'b')
  timers.add(30, 'c')
  forget()
  forget()
  expect(timers.next).toBe(20)
  expect(timers.due(20)).toBe('b')
  late()
  expect([timers.due(30), timers.due(30)]).toEqual(['c', undefined])
})
