import { describe, expect, test } from 'vitest'
import { decode, encode, fromJson } from '../bytes/bytes.ts'
import { text, utf8Length } from './text.ts'

const line = text({ kind: 'line', max: 8 })
const lines = text({ kind: 'lines', max: 8 })
const raw = text({ kind: 'raw', max: 8 })
const name = text({ pattern: '^[a-z]+$', name: 'small letters', min: 2, max: 4 })

/** `ok`, or the code with which JSON and bytes alike refuse a text of fewer than 24 bytes. */
function verdict(schema: typeof line, value: string): string {
  const utf8 = Buffer.from(value)
  const answers = [
    fromJson(schema, value),
    decode({ ...schema, bytesMax: 99 }, Buffer.concat([Buffer.of(0x60 | utf8.length), utf8])),
  ]
  const [json, bytes] = answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.code))
  expect(bytes).toBe(json)
  if (json === 'ok') expect(encode(schema, value).subarray(1)).toEqual(Uint8Array.from(utf8))
  else expect(() => encode(schema, value)).toThrow(RangeError)
  return json ?? ''
}

describe('every text', () => {
  test('is bounded by its bytes in UTF-8, not by its characters', () => {
    expect(verdict(line, 'a'.repeat(8))).toBe('ok')
    expect(verdict(line, 'a'.repeat(9))).toBe('document.bounds')
    expect(verdict(line, 'é'.repeat(4))).toBe('ok')
    expect(verdict(line, 'é'.repeat(5))).toBe('document.bounds')
    expect(verdict(name, 'a')).toBe('document.bounds')
    expect(verdict(name, 'ab')).toBe('ok')
  })

  test('is well-formed: half a character would not survive UTF-8', () => {
    for (const schema of [line, lines, raw]) {
      const refused = fromJson(schema, 'a\ud83d')
      expect(refused.ok ? 'ok' : refused.refusal.code).toBe('document.form')
      expect(() => encode(schema, 'a\ud83d')).toThrow(RangeError)
    }
  })

  test('is not made of anything else', () => {
    for (const input of [5, null, undefined, ['a'], {}, Uint8Array.of(97)]) {
      const refused = fromJson(raw, input)
      expect(refused.ok ? 'ok' : refused.refusal.code).toBe('document.type')
    }
  })
})

describe('a line', () => {
  test('is anything that people write on one', () => {
    for (const value of ['', 'a b', 'naïve', '漢字', '🎉', 'a\'"\\', '\u200d']) {
      expect(verdict(line, value)).toBe('ok')
    }
  })

  test('has nothing that hides, breaks or turns round what stands beside it', () => {
    const marks = '\0\t\n\r\u001b\u007f\u0085\u009f\u061c\u200e\u200f\u2028\u2029\u202a\u202e'
    for (const mark of `${marks}\u2066\u2069\ufeff`) {
      expect(verdict(line, `a${mark}b`), mark.charCodeAt(0).toString(16)).toBe('document.form')
    }
  })
})

describe('lines', () => {
  test('may break and be indented, and are else like a line', () => {
    expect(verdict(lines, 'a\n\tb')).toBe('ok')
    for (const mark of '\0\r\u001b\u2028\u202e\ufeff') {
      expect(verdict(lines, `a${mark}b`)).toBe('document.form')
    }
  })
})

describe('raw text', () => {
  test('is anything but NUL, and a byte order mark in front, which other decoders drop', () => {
    expect(verdict(raw, '\u001b\r\n\u202e')).toBe('ok')
    expect(verdict(raw, 'a\ufeff')).toBe('ok')
    expect(verdict(raw, 'a\0b')).toBe('document.form')
    expect(verdict(raw, '\ufeffa')).toBe('document.form')
  })
})

describe('a text of a pattern', () => {
  test('is matched whole', () => {
    expect(verdict(name, 'abc')).toBe('ok')
    expect(verdict(name, 'ab\n')).toBe('document.form')
    expect(verdict(name, 'aBc')).toBe('document.form')
    const refused = fromJson(name, 'A1')
    expect(refused.ok ? '' : refused.refusal.detail).toBe(
      'expected small letters, found the text "A1"',
    )
  })

  test('has a JSON Schema of characters, of which there are never more than bytes', () => {
    expect(name.json).toEqual({ type: 'string', minLength: 1, maxLength: 4, pattern: '^[a-z]+$' })
    expect([name.bytesMax, name.depth]).toEqual([5, 0])
  })
})

test('the length in UTF-8 is that of its bytes', () => {
  for (const value of ['', 'abc', 'é', '漢a', '🎉', '\ud83d']) {
    expect(utf8Length(value)).toBe(Buffer.byteLength(value))
  }
})
