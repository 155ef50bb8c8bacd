import { describe, expect, test } from 'vitest'
import { decode, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { bool, bytes, choice, constant, int, spelled } from './scalar.ts'
import type { Schema } from './schema.ts'

/** The code with which JSON is refused, or its value. */
function parsed<T>(schema: Schema<T>, input: unknown): unknown {
  const answer = fromJson(schema, input)
  return answer.ok ? answer.value : answer.refusal.code
}

/** The code with which bytes are refused, or their value; the document's own bound left out. */
function read<T>(schema: Schema<T>, hex: string): unknown {
  const answer = decode({ ...schema, bytesMax: 99 }, fromHex(hex) ?? new Uint8Array())
  return answer.ok ? answer.value : answer.refusal.code
}

describe('int', () => {
  const digit = int({ min: -3, max: 300, about: 'A number.', examples: [5] })

  test('takes the whole numbers between its bounds, the bounds among them', () => {
    for (const value of [-3, 0, 24, 300]) {
      expect(parsed(digit, value)).toBe(value)
      expect(read(digit, toHex(encode(digit, value)))).toBe(value)
      expect(toJson(digit, value)).toBe(value)
    }
  })

  test('refuses what lies outside, and what is no whole number', () => {
    expect(parsed(digit, -4)).toBe('document.bounds')
    expect(parsed(digit, 301)).toBe('document.bounds')
    expect(parsed(digit, 2 ** 53)).toBe('document.bounds')
    for (const input of [0.5, Number.NaN, Infinity, '5', null, undefined, true, [], {}, 5n]) {
      expect(parsed(digit, input)).toBe('document.type')
    }
    expect(read(digit, '23')).toBe('document.bounds')
    expect(read(digit, '19012d')).toBe('document.bounds')
  })

  test('makes 0 of minus 0', () => {
    expect(Object.is(parsed(digit, -0), 0)).toBe(true)
    expect(toHex(encode(digit, -0))).toBe('00')
  })

  test('writes nothing that it would not read', () => {
    for (const value of [-4, 301, 0.5, Number.NaN]) {
      expect(() => encode(digit, value)).toThrow('expected a whole number from -3 to 300')
    }
  })

  test('cannot be made without bounds that hold a number', () => {
    for (const [min, max] of [
      [0, Infinity],
      [0.5, 1],
      [2, 1],
      [0, 2 ** 53],
    ] as const) {
      expect(() => int({ min, max })).toThrow('no integer lies between')
    }
  })

  test('says in its JSON Schema what it takes', () => {
    const json = { type: 'integer', minimum: -3, maximum: 300 }
    expect(digit.json).toEqual({ ...json, description: 'A number.', examples: [5] })
    expect([digit.bytesMax, digit.depth]).toEqual([3, 0])
    expect(int({ min: Number.MIN_SAFE_INTEGER, max: 0 }).bytesMax).toBe(9)
  })
})

describe('bool', () => {
  test('takes true and false and nothing else', () => {
    for (const value of [true, false]) {
      expect(parsed(bool(), value)).toBe(value)
      expect(read(bool(), toHex(encode(bool(), value)))).toBe(value)
      expect(toJson(bool(), value)).toBe(value)
    }
    for (const input of [0, 1, 'true', null, undefined]) {
      expect(parsed(bool(), input)).toBe('document.type')
    }
    expect(bool({ about: 'Yes?' }).json).toEqual({ type: 'boolean', description: 'Yes?' })
  })
})

describe('bytes', () => {
  const some = bytes({ max: 4 })
  const three = bytes({ size: 3 })

  test('are base64url in JSON', () => {
    expect(parsed(some, '__8')).toEqual(Uint8Array.of(255, 255))
    expect(toJson(some, Uint8Array.of(255, 255))).toBe('__8')
    for (const input of ['//8=', '__9', 'A', 5, null, Uint8Array.of(1)]) {
      expect(parsed(some, input)).toBe('document.type')
    }
  })

  test('are of one size, or of at most so many', () => {
    expect(parsed(some, 'AAAAAA')).toEqual(new Uint8Array(4))
    expect(parsed(some, 'AAAAAAA')).toBe('document.bounds')
    expect(parsed(three, 'AAA')).toBe('document.bounds')
    expect(read(three, '43010203')).toEqual(Uint8Array.of(1, 2, 3))
    expect(read(three, '420102')).toBe('document.bounds')
    expect(read(three, '4401020304')).toBe('document.bounds')
    expect(() => encode(three, Uint8Array.of(1))).toThrow('expected 3 bytes, got 1')
    expect(() => encode(some, new Uint8Array(5))).toThrow('expected at most 4 bytes, got 5')
  })

  test('have a JSON Schema that counts digits', () => {
    expect(three.json).toMatchObject({ minLength: 4, maxLength: 4 })
    expect(some.json).toMatchObject({ minLength: 0, maxLength: 6, contentEncoding: 'base64url' })
    expect(bytes({ max: 24 }).bytesMax).toBe(26)
  })
})

describe('choice', () => {
  const colour = choice(['red', 'green'])

  test('takes its words and nothing else', () => {
    expect(parsed(colour, 'red')).toBe('red')
    expect(read(colour, toHex(encode(colour, 'green')))).toBe('green')
    for (const input of ['Red', 'blue', '', 0, null, 'toString']) {
      expect(parsed(colour, input)).toBe('document.choice')
    }
    expect(read(colour, '6472656464')).toBe('document.choice')
    expect(read(colour, '66726564726564')).toBe('document.bounds')
    expect(() => encode(colour, 'blue' as 'red')).toThrow('expected one of red, green, got blue')
  })

  test('of one word is a constant in its JSON Schema', () => {
    expect(colour.json).toEqual({ enum: ['red', 'green'] })
    expect(choice(['red']).json).toEqual({ const: 'red' })
  })
})

describe('constant', () => {
  const version = constant(1)

  test('takes its number and nothing else', () => {
    expect(parsed(version, 1)).toBe(1)
    expect(read(version, '01')).toBe(1)
    expect(toHex(encode(version, 1))).toBe('01')
    expect(toJson(version, 1)).toBe(1)
    for (const input of [0, 2, '1', true, null]) {
      expect(parsed(version, input)).toBe('document.choice')
    }
    expect(read(version, '02')).toBe('document.bounds')
    expect(version.json).toEqual({ const: 1 })
  })
})

describe('spelled', () => {
  const bits = (value: number) => (value === 255 ? undefined : value.toString(2).padStart(8, '0'))
  const byte = spelled({
    size: 1,
    pattern: '^[01]{8}$',
    name: 'eight bits',
    toText: (bytes, at) => bits(bytes[at] as number),
    toBytes: (text, into, at) => {
      into[at] = Number.parseInt(text, 2)
      return /^[01]{8}$/.test(text)
    },
  })

  test('is a text in memory and bytes in a document', () => {
    expect(parsed(byte, '00000101')).toBe('00000101')
    expect(toHex(encode(byte, '00000101'))).toBe('4105')
    expect(read(byte, '4105')).toBe('00000101')
    expect(toJson(byte, '00000101')).toBe('00000101')
  })

  test('refuses texts and bytes that spell nothing', () => {
    for (const input of ['101', 5, null]) expect(parsed(byte, input)).toBe('document.form')
    expect(read(byte, '40')).toBe('document.form')
    expect(read(byte, '41ff')).toBe('document.form')
    expect(read(byte, '420505')).toBe('document.form')
    expect(() => encode(byte, '2')).toThrow('expected eight bits, got 2')
  })
})
