import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Reason, reasons, tell } from './reasons.ts'

const codes = Object.keys(reasons) as Reason[]

test('the table of reasons in the prose is a mirror of the code', () => {
  const prose = readFileSync(join(import.meta.dirname, 'match.md'), 'utf8')
  const rows = [...prose.matchAll(/^\| `([a-z-]+)` \| (.+) \| (.+) \|$/gm)]
  expect(rows.map(([, ...cells]) => cells)).toEqual(
    codes.map((code) => [code, reasons[code].node, reasons[code].job]),
  )
})

describe.each(codes)('%s', (code) => {
  test('is a code that fits into the answer to an idle node', () => {
    expect(code).toMatch(/^[a-z][a-z-]{0,31}$/)
  })

  test('says why, to both readers, in a sentence', () => {
    for (const reader of ['node', 'job'] as const) {
      expect(tell(code, reader)).toMatch(/^[A-Z].*[^.]\.$/)
      expect(tell(code, reader).length).toBeLessThan(100)
    }
  })
})
