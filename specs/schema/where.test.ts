import { describe, expect, test } from 'vitest'
import { decode, encode, fromJson } from '../bytes/bytes.ts'
import { list } from './list.ts'
import { bool, int } from './scalar.ts'
import { optional, struct, structForm } from './struct.ts'
import { where } from './where.ts'

const digit = int({ min: 0, max: 9 })
const plain = struct({ from: digit, to: digit, also: optional(bool()) })
const span = where(plain, ({ from, to }, place) => {
  if (from > to) place.below('to').fault('document.rule', `at least ${from}`)
})

describe('a rule over a whole value', () => {
  test('lets pass what keeps it, in every face', () => {
    const value = { from: 1, to: 2 }
    expect(fromJson(span, value)).toEqual({ ok: true, value })
    expect(decode(span, encode(span, value))).toEqual({ ok: true, value })
  })

  test('refuses what breaks it, in every face, at its place', () => {
    const value = { from: 2, to: 1 }
    const refusal = { code: 'document.rule', at: 'to', detail: 'at least 2' }
    expect(fromJson(span, value)).toEqual({ ok: false, refusal, others: [] })
    expect(decode(span, encode(plain, value))).toEqual({
      ok: false,
      refusal: { ...refusal, at: 'to, byte 0' },
    })
    expect(() => encode(span, value)).toThrow('to: at least 2')
  })

  test('is asked only about values that are of their schema', () => {
    const asked: unknown[] = []
    const watched = where(plain, (value) => asked.push(value))
    fromJson(watched, { from: 1 })
    fromJson(watched, { from: 1, to: 'x' })
    decode(watched, Uint8Array.of(0xa0))
    expect(asked).toEqual([])
  })

  test('is asked only about whole values when others have used up the faults', () => {
    const spans = list(span, { max: 100 })
    const wrong = Array.from({ length: 30 }, (_, i) =>
      i % 2 === 0 ? { from: 1, to: 0 } : { to: 1 },
    )
    const answer = fromJson(spans, wrong)
    expect(answer.ok ? 0 : answer.others).toHaveLength(19)
  })

  test('names its place below that of the value', () => {
    const answer = fromJson(list(span, { max: 3 }), [
      { from: 0, to: 1 },
      { from: 5, to: 4 },
    ])
    expect(answer.ok ? '' : answer.refusal.at).toBe('[1].to')
  })

  test('leaves the rest of a schema as it was', () => {
    expect(span.json).toBe(plain.json)
    expect([span.bytesMax, span.depth]).toEqual([plain.bytesMax, plain.depth])
  })

  test('makes no schema of a form', () => {
    const form = where(structForm({ a: digit }), () => {})
    expect(form).not.toHaveProperty('write')
    expect(fromJson(form, { a: 1 })).toEqual({ ok: true, value: { a: 1 } })
  })
})
