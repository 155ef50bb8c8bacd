import { expect, test } from 'vitest'
import { noon } from '../test/cast.ts'
import { lineLog } from './log.ts'

test('a fact is one line of JSON, with when it was in words that people read, too', () => {
  const lines: string[] = []
  const log = lineLog(
    (line) => lines.push(line),
    () => noon,
  )
  log.warn({ why: 'two\nlines' }, 'not sealed')
  const said = { level: 'warn', what: 'not sealed', why: 'two\nlines' }
  expect(lines).toEqual([`${JSON.stringify({ time: '2026-11-20T12:00:00.000Z', ...said })}\n`])
})
