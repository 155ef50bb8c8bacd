import { expect, test } from 'vitest'
import { decode, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { dict } from './dict.ts'
import { int } from './scalar.ts'
import { text } from './text.ts'

const counts = dict(text({ kind: 'line', min: 1, max: 16 }), int({ min: 0, max: 9 }), { max: 3 })

function faults(input: unknown): string[] {
  const answer = fromJson(counts, input)
  if (answer.ok) return []
  return [answer.refusal, ...(answer.others ?? [])].map(({ code, at = '' }) => `${code} ${at}`)
}

function refused(hex: string): string {
  const answer = decode({ ...counts, bytesMax: 99 }, fromHex(hex) ?? new Uint8Array())
  return answer.ok ? 'ok' : answer.refusal.code
}

test('a dict holds values under names, in canonical order whatever order they came in', () => {
  const bytes = encode(counts, { zz: 3, é: 2, a: 1 })
  expect(toHex(bytes)).toBe('a3616101627a7a0362c3a902')
  expect(decode(counts, bytes)).toEqual({ ok: true, value: { a: 1, zz: 3, é: 2 } })
  expect(toJson(counts, { b: 2, a: 1 })).toEqual({ a: 1, b: 2 })
  expect(toHex(encode(counts, { 10: 1, 9: 2 }))).toBe('a261390262313001')
})

test('a dict in JSON may have names that objects inherit', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    const parsed = fromJson(counts, { [name]: 5 })
    if (!parsed.ok) throw new Error(`${name} was refused`)
    expect(Object.keys(parsed.value)).toEqual([name])
    expect(decode(counts, encode(counts, parsed.value))).toEqual(parsed)
  }
})

test('__proto__ is no name, in any of the faces', () => {
  expect(faults(JSON.parse('{"__proto__":1}'))).toEqual(['document.form __proto__'])
  expect(refused('a1695f5f70726f746f5f5f01')).toBe('document.form')
  expect(() => encode(counts, JSON.parse('{"__proto__":1}'))).toThrow(RangeError)
  const parsed = fromJson(counts, JSON.parse('{"__proto__":{"polluted":1}}'))
  expect(parsed.ok).toBe(false)
  expect('polluted' in {}).toBe(false)
})

test('names and values are both checked, and each fault is named', () => {
  expect(faults({ 'a\nb': 1, b: 10, c: 1 })).toEqual(['document.form "a\\nb"', 'document.bounds b'])
  expect(faults({ '': 1 })).toEqual(['document.bounds ""'])
  expect(refused('a16001')).toBe('document.bounds')
  expect(refused('a161611863')).toBe('document.bounds')
  expect(refused('a10101')).toBe('document.type')
})

test('a dict with too many entries is refused both ways, and not written', () => {
  const many = { a: 1, b: 2, c: 3, d: 4 }
  expect(faults(many)).toEqual(['document.bounds '])
  expect(refused('a4616101616202616303616404')).toBe('document.bounds')
  expect(() => encode(counts, many)).toThrow('at most 3 entries')
})

test('entries out of order or twice are refused', () => {
  expect(refused('a2616201616101')).toBe('bytes.order')
  expect(refused('a262616101616201')).toBe('bytes.order')
  expect(refused('a2616101616102')).toBe('bytes.order')
})

test('a dict is a map and nothing else', () => {
  for (const input of [[], null, 'a', 5]) expect(faults(input)).toEqual(['document.type '])
})

test('a dict says its bounds, its length and its depth', () => {
  expect(counts.json).toEqual({
    type: 'object',
    propertyNames: { type: 'string', minLength: 1, maxLength: 16, pattern: expect.any(String) },
    additionalProperties: { type: 'integer', minimum: 0, maximum: 9 },
    maxProperties: 3,
  })
  expect([counts.bytesMax, counts.depth]).toEqual([1 + 3 * (17 + 1), 1])
})
