import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Capture } from '../test/shells.ts'
import { Progress } from './progress.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** What is said of four reports, a second and a half apart. */
function said(isTerminal: boolean, size?: number): string {
  const stderr = new Capture()
  {
    using progress = new Progress({ stderr, isTerminal }, 'reading')
    for (let done = 1000; done <= 5000; done += 1000) {
      vi.advanceTimersByTime(1500)
      progress.reached(done, size)
    }
  }
  return `${stderr.bytes}`
}

test('is a bar for a person: redrawn, with its rate and the time left, and taken away', () => {
  const [empty, first, ...others] = said(true, 12_000).split('\r')
  expect([empty, first]).toEqual([
    '',
    'reading [#-------------------]   8%  1,000 of 12,000 entries\x1b[K',
  ])
  expect(others[0]).toBe(
    'reading [###-----------------]  16%  2,000 of 12,000 entries  667 entries/s  15 s left\x1b[K',
  )
  expect(others.at(-1)).toBe('\x1b[K')
})

test('is a line every five seconds for a log', () => {
  expect(said(false, 12_000)).toBe(
    'reading  33%  4,000 of 12,000 entries  667 entries/s  12 s left\n',
  )
})

test('says how much is done where nobody knows how much there is', () => {
  expect(said(false)).toBe('reading 4,000 entries  667 entries/s\n')
})
