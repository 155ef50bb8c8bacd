import { expect, test } from 'vitest'
import { Costly } from './costly.ts'

test('what takes long is given again for twenty times as long, and the rest is made anew', () => {
  let [now, made] = [0, 0]
  const costly = new Costly(() => now)
  const taking = (ms: number) => () => {
    now += ms
    return ++made
  }
  expect(costly.of('long', taking(100))).toBe(1)
  now += 1900
  expect(costly.of('long', taking(100))).toBe(1)
  expect(costly.of('another', taking(100))).toBe(2)
  now += 100
  expect(costly.of('long', taking(100))).toBe(3)
  expect(costly.of('short', taking(1))).toBe(4)
  expect(costly.of('short', taking(1))).toBe(5)
})
