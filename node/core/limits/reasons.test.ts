import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { limitsSchema } from './limits.ts'
import { explainReason, type ReasonCode, reason, reasons } from './reasons.ts'

const page = readFileSync(join(import.meta.dirname, 'limits.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .replace(/^\| | \|$/g, '')
      .split(' | ')
      .map((cell) => cell.replace(/^`([^`]*)`$/, '$1')),
  )

describe('the page of the limits', () => {
  test('has the table of reasons as it is in the code', () => {
    const table = Object.entries(reasons).map(([code, { what, todo }]) => [code, what, todo])
    expect(rows.filter((row) => row.length === 3)).toEqual(table)
  })

  test('has every limit', () => {
    const properties = limitsSchema.json.properties as Record<string, unknown>
    const named = [...page.matchAll(/`([A-Za-z]+)`/g)].map((match) => match[1])
    for (const key of Object.keys(properties)) if (key !== 'v') expect(named).toContain(key)
  })
})

describe.each(Object.keys(reasons) as ReasonCode[])('%s', (code) => {
  test('is a code that the wire could carry', () => {
    expect(code).toMatch(/^[a-z][a-z-]{0,31}$/)
  })

  test('says what is the case and what to do, in sentences', () => {
    for (const sentence of [reasons[code].what, reasons[code].todo]) {
      expect(sentence).toMatch(/^[A-Z].*[^.]\.$/)
      expect(sentence.length).toBeLessThan(100)
    }
    expect(explainReason(reason(code))).toBe(`${reasons[code].what} ${reasons[code].todo}`)
    expect(explainReason(reason(code, 'so much'))).toContain('(so much)')
  })
})
