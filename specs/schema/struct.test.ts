import { describe, expect, test } from 'vitest'
import { decode, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { list } from './list.ts'
import { bool, int } from './scalar.ts'
import { byKey, isMap, keyBytes, optional, struct, structForm } from './struct.ts'

const digit = int({ min: 0, max: 9 })
const size = struct(
  { wide: digit, y: optional(bool()), high: digit, z: optional(list(digit, { max: 3 })) },
  { about: 'A size.' },
)

function faults(input: unknown): string[] {
  const answer = fromJson(size, input)
  if (answer.ok) return []
  return [answer.refusal, ...(answer.others ?? [])].map(
    ({ code, at = '', detail = '' }) => `${code} ${at}: ${detail}`,
  )
}

function refused(hex: string): string {
  const answer = decode(size, fromHex(hex) ?? new Uint8Array())
  return answer.ok ? 'ok' : `${answer.refusal.code} ${answer.refusal.detail}`
}

describe('a struct in JSON', () => {
  test('has its keys, of which some may be left out', () => {
    expect(fromJson(size, { high: 1, wide: 2 })).toEqual({ ok: true, value: { high: 1, wide: 2 } })
    expect(faults({ high: 1, wide: 2, y: true, z: [] })).toEqual([])
  })

  test('is printed in the order in which its schema was written', () => {
    const printed = toJson(size, { z: [1], high: 2, wide: 3 })
    expect(JSON.stringify(printed)).toBe('{"wide":3,"high":2,"z":[1]}')
  })

  test('says which key is missing', () => {
    expect(faults({ wide: 1 })).toEqual(['document.missing-key high: required'])
  })

  test('says which known key an unknown one was meant to be', () => {
    expect(faults({ wide: 1, high: 2, hihg: 3 })).toEqual([
      'document.unknown-key hihg: did you mean high?',
    ])
    expect(faults({ wide: 1, high: 2, WIDE: 3 })).toEqual([
      'document.unknown-key WIDE: did you mean wide?',
    ])
  })

  test('says which keys are known where nothing is near', () => {
    expect(faults({ wide: 1, high: 2, temperature: 3 })).toEqual([
      'document.unknown-key temperature: known are wide, y, high, z',
    ])
  })

  test('does not take null for a key that is left out', () => {
    expect(faults({ wide: 1, high: 2, y: null })).toEqual([
      'document.type y: expected true or false, found null',
    ])
  })

  test('has no key that it inherits', () => {
    const inherited = Object.create({ wide: 1, high: 2 }) as object
    expect(faults(inherited)).toHaveLength(2)
    expect(faults(JSON.parse('{"wide":1,"high":2,"__proto__":{"y":true}}'))).toEqual([
      'document.unknown-key __proto__: known are wide, y, high, z',
    ])
    expect(faults({ wide: 1, high: 2, constructor: 1 })).toHaveLength(1)
  })

  test('names the place of a fault that lies deeper', () => {
    expect(faults({ wide: 1, high: 2, z: [1, 2, 10] })).toEqual([
      'document.bounds z[2]: expected a whole number from 0 to 9, found 10',
    ])
  })

  test('is a map and nothing else', () => {
    for (const input of [null, [], 'x', 5, new Uint8Array(3), undefined]) {
      expect(faults(input)[0]).toMatch(/^document\.type : expected a map/)
    }
  })
})

describe('a struct in bytes', () => {
  test('has its keys in canonical order, whatever the order in the schema', () => {
    const bytes = encode(size, { wide: 1, high: 2, y: true, z: [3] })
    expect(toHex(bytes)).toBe('a46179f5617a8103646869676802647769646501')
    expect(decode(size, bytes)).toEqual({ ok: true, value: { wide: 1, high: 2, y: true, z: [3] } })
  })

  test('leaves out what is not there', () => {
    expect(toHex(encode(size, { wide: 1, high: 2 }))).toBe('a2646869676802647769646501')
  })

  test('says what is wrong with its keys', () => {
    expect(refused('a1646869676802')).toBe('document.missing-key wide is required')
    expect(refused('a1647769646501')).toBe('document.missing-key high is required')
    expect(refused('a0')).toBe('document.missing-key high is required')
    expect(refused('a2647769646501646869676802')).toBe(
      'bytes.order the key wide stands before high',
    )
    expect(refused('a3646869676802647769646501617a80')).toBe(
      'bytes.order the key z is out of order or twice',
    )
    expect(refused('a2646869676802646869676802')).toBe(
      'bytes.order the key high is out of order or twice',
    )
    expect(refused('a3646869676802647769646401647769646501')).toBe(
      'document.unknown-key "widd": did you mean wide?',
    )
  })

  test('is not written without a key that it must have', () => {
    expect(() => encode(size, { wide: 1 } as never)).toThrow(RangeError)
  })

  test('without keys is the empty map', () => {
    const nothing = struct({})
    expect(toHex(encode(nothing, {}))).toBe('a0')
    expect(decode(nothing, Uint8Array.of(0xa0))).toEqual({ ok: true, value: {} })
    const more = decode({ ...nothing, bytesMax: 9 }, Uint8Array.of(0xa1, 0x61, 0x61, 0))
    expect(more.ok ? 'ok' : more.refusal.code).toBe('document.unknown-key')
  })

  test('knows the length of its longest document, and its depth', () => {
    expect(size.bytesMax).toBe(1 + 2 + 1 + 2 + 4 + 5 + 1 + 5 + 1)
    expect(encode(size, { wide: 1, high: 2, y: true, z: [3, 3, 3] })).toHaveLength(size.bytesMax)
    expect(size.depth).toBe(2)
  })
})

test('a struct closes its JSON Schema', () => {
  expect(size.json).toEqual({
    type: 'object',
    description: 'A size.',
    properties: {
      wide: digit.json,
      y: { type: 'boolean' },
      high: digit.json,
      z: { type: 'array', items: digit.json, maxItems: 3 },
    },
    required: ['wide', 'high'],
    additionalProperties: false,
  })
  expect(structForm({ y: optional(bool()) }).json).not.toHaveProperty('required')
})

test('keys are ordered by length, then by bytes', () => {
  const keys = ['b', 'aa', 'é', 'a', 'ab', 'zzz', 'aaaa']
  const sorted = keys.toSorted((a, b) => byKey(keyBytes(a), keyBytes(b)))
  expect(sorted).toEqual(['a', 'b', 'aa', 'ab', 'é', 'zzz', 'aaaa'])
  expect(byKey(keyBytes('aa'), keyBytes('aa'))).toBe(0)
})

test('a map is an object that is neither list nor bytes', () => {
  expect(isMap({})).toBe(true)
  expect(isMap(Object.create(null))).toBe(true)
  for (const input of [null, [], new Uint8Array(), 'a', undefined]) expect(isMap(input)).toBe(false)
})
