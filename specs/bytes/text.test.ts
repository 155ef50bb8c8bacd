import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase32, fromBase64url, fromHex, toBase32, toBase64url, toHex } from './text.ts'

const spellings = [
  { name: 'hexadecimal', to: toHex, from: fromHex, digits: '0123456789abcdef' },
  { name: 'base 32', to: toBase32, from: fromBase32, digits: 'abcdefghijklmnopqrstuvwxyz234567' },
  {
    name: 'base64url',
    to: toBase64url,
    from: fromBase64url,
    digits: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  },
]

describe.each(spellings)('$name', ({ to, from, digits }) => {
  test('gives back the bytes that it spells', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(from(to(bytes))).toEqual(bytes)
      }),
    )
  })

  test('reads a text only if it is the one spelling of its bytes', () => {
    const near = fc.string({ unit: fc.constantFrom(...digits), maxLength: 40 })
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        const bytes = from(text)
        if (bytes !== undefined) expect(to(bytes)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('reads nothing with a character that is no digit of it', () => {
    const text = to(new Uint8Array(16))
    for (const other of ['=', ' ', '\n', '+', '/', '!', '\0', 'é', '\u0130', '😀', '1\u0661']) {
      if (digits.includes(other)) continue
      expect(from(text.slice(0, -other.length) + other), other).toBeUndefined()
      expect(from(other + text.slice(other.length)), other).toBeUndefined()
    }
  })
})

test('the spellings are those of the runtime', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
    }),
  )
})

test('base 32 has the vectors of RFC 4648', () => {
  const vectors = ['', 'my', 'mzxq', 'mzxw6', 'mzxw6yq', 'mzxw6ytb', 'mzxw6ytboi']
  for (const [length, text] of vectors.entries()) {
    expect(toBase32(Buffer.from('foobar'.slice(0, length)))).toBe(text)
  }
})

test('left-over bits must be 0, and no digit may be without use', () => {
  expect(fromBase64url('AA')).toEqual(Uint8Array.of(0))
  for (const text of ['A', 'AB', 'AAB', 'AAAAA']) expect(fromBase64url(text)).toBeUndefined()
  expect(fromBase32('aa')).toEqual(Uint8Array.of(0))
  for (const text of ['a', 'ab', 'aaa', 'aaaab', 'aaaaaa']) expect(fromBase32(text)).toBeUndefined()
  for (const text of ['0', '000']) expect(fromHex(text)).toBeUndefined()
})

test('capital letters are no hexadecimal and no base 32', () => {
  expect(fromHex('AB')).toBeUndefined()
  expect(fromBase32('AA')).toBeUndefined()
})
