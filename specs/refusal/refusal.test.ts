import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode, fromJson } from '../bytes/bytes.ts'
import { limits } from '../limits.ts'
import { accept, blame, explain, refusalOf, refusalSchema, refuse } from './refusal.ts'
import { type Code, refusals } from './refusals.ts'

const codes = Object.keys(refusals) as Code[]

describe('a refusal', () => {
  test('always fits on the wire, whatever is said of the input', () => {
    const said = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1200 }),
      fc.string({
        unit: fc.constantFrom('\ud83d', '🎉', '\u202e', 'é', '漢', '\0'),
        maxLength: 600,
      }),
      fc.string({ maxLength: 1200 }),
    )
    const retry = fc.option(fc.double({ noNaN: true }), { nil: undefined })
    fc.assert(
      fc.property(fc.constantFrom(...codes), said, said, retry, (code, at, detail, retryMs) => {
        const where = retryMs === undefined ? { at, detail } : { at, detail, retryMs }
        const refusal = refusalOf(code, where)
        const bytes = encode(refusalSchema, refusal)
        expect(decode(refusalSchema, bytes)).toEqual({ ok: true, value: refusal })
        expect(fromJson(refusalSchema, refusal)).toEqual({ ok: true, value: refusal })
      }),
      { numRuns: 500 },
    )
  })

  test('keeps what fits as it is said', () => {
    const detail = 'x'.repeat(limits.refusalDetailBytesMax)
    expect(refusalOf('document.form', { detail, at: 'inputs[0].path' })).toEqual({
      code: 'document.form',
      at: 'inputs[0].path',
      detail,
    })
  })

  test('is cut where it is too long, between characters', () => {
    const cut = refusalOf('document.form', { at: 'é'.repeat(1000) }).at ?? ''
    expect(cut).toMatch(/^é+$/)
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limits.refusalAtBytesMax)
  })

  test('shows what could not be seen as a question mark', () => {
    expect(refusalOf('document.form', { at: 'a\n\u202eb\ufeff' }).at).toBe('a??b?')
  })

  test('has no empty texts', () => {
    expect(refusalOf('wire.full', { at: '', detail: '' })).toEqual({ code: 'wire.full' })
  })

  test('says to come back in whole milliseconds, within the hour', () => {
    expect(refusalOf('wire.rate', { retryMs: 0.2 }).retryMs).toBe(1)
    expect(refusalOf('wire.rate', { retryMs: -5 }).retryMs).toBe(0)
    expect(refusalOf('wire.rate', { retryMs: Infinity }).retryMs).toBe(limits.retryMsMax)
  })

  test('is an answer, like a value', () => {
    expect(accept(5)).toEqual({ ok: true, value: 5 })
    expect(refuse('job.unknown')).toEqual({ ok: false, refusal: { code: 'job.unknown' } })
  })
})

describe('a refusal in words', () => {
  test('says what, where, what was expected and what to do', () => {
    const refusal = refusalOf('document.bounds', { at: 'replicas', detail: 'expected 1 to 9' })
    expect(explain(refusal)).toBe(
      'A value lies outside its bounds. At replicas: expected 1 to 9. ' +
        'Change the value at the place named, then send it again.',
    )
  })

  test('reads well with any of its parts', () => {
    expect(explain({ code: 'job.unknown' })).toBe(
      'There is no such job here. Check the id, or ask its home.',
    )
    expect(explain({ code: 'job.unknown', detail: 'job 7' })).toBe(
      'There is no such job here. Here: job 7. Check the id, or ask its home.',
    )
    expect(explain({ code: 'job.unknown', at: 'id' })).toBe(
      'There is no such job here. At id. Check the id, or ask its home.',
    )
    expect(explain({ code: 'wire.full', retryMs: 250 })).toMatch(/ Try again in 250 ms\.$/)
  })
})

describe.each(codes)('%s', (code) => {
  const row = refusals[code]

  test('is called after what it is about', () => {
    expect(code).toMatch(/^[a-z]+\.[a-z]+[0-9]*(-[a-z]+)*$/)
  })

  test('says what happened and what to do in sentences', () => {
    for (const sentence of [row.what, row.todo]) {
      expect(sentence).toMatch(/^[A-Z].*[^.]\.$/)
      expect(sentence).not.toMatch(/ {2}|\n/)
      expect(sentence.length).toBeLessThan(120)
    }
    expect(explain({ code })).toBe(`${row.what} ${row.todo}`)
  })

  test('has an HTTP status that blames the same side', () => {
    const { fault, http } = row
    if (fault === 'ours') expect(http).toBeGreaterThanOrEqual(500)
    if (fault === 'theirs') expect([http >= 400, http < 500]).toEqual([true, true])
    // What may work later: too slow, too often, too full, or not allowed for now.
    if (fault === 'later') expect([403, 408, 425, 429, 503]).toContain(http)
    expect(blame({ code })).toBe(fault)
  })
})
