import { expect, test } from 'vitest'
import { decode, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { list } from './list.ts'
import { type OneOf, oneOf } from './one-of.ts'
import { bool, int } from './scalar.ts'
import { optional } from './struct.ts'

const digit = int({ min: 0, max: 9 })
const variants = {
  dot: { x: digit },
  line: { from: digit, further: optional(bool()) },
  none: {},
}
const shape = oneOf(variants, { about: 'A shape.' })

function parsed(input: unknown): string {
  const answer = fromJson(shape, input)
  if (answer.ok) return 'ok'
  const { code, at = '', detail } = answer.refusal
  return `${code} ${at}: ${detail}`
}

function refused(hex: string): string {
  const answer = decode({ ...shape, bytesMax: 99 }, fromHex(hex) ?? new Uint8Array())
  return answer.ok ? 'ok' : answer.refusal.code
}

test('a value is the variant that its type says, with keys before the type or after it', () => {
  const values: [OneOf<typeof variants>, string][] = [
    [{ type: 'dot', x: 5 }, 'a2617805647479706563646f74'],
    [
      { type: 'line', from: 1, further: true },
      'a36466726f6d016474797065646c696e656766757274686572f5',
    ],
    [{ type: 'none' }, 'a16474797065646e6f6e65'],
  ]
  for (const [value, hex] of values) {
    expect(toHex(encode(shape, value))).toBe(hex)
    expect(decode(shape, encode(shape, value))).toEqual({ ok: true, value })
    expect(fromJson(shape, toJson(shape, value))).toEqual({ ok: true, value })
    expect(Object.keys(toJson(shape, value) as object)[0]).toBe('type')
  }
})

test('a type that is missing or unknown is refused by name', () => {
  expect(parsed({ x: 1 })).toBe('document.missing-key type: one of dot, line, none')
  expect(parsed({ type: 'dott', x: 1 })).toBe(
    'document.choice type: expected one of dot, line, none, found the text "dott"',
  )
  expect(parsed({ type: 5 })).toMatch(/^document\.choice type/)
  expect(parsed(Object.create({ type: 'none' }))).toMatch(/^document\.missing-key type/)
  expect(refused('a1617805')).toBe('document.missing-key')
  expect(refused('a2617805647479706563646f73')).toBe('document.choice')
})

test('a key of one variant is unknown in another', () => {
  expect(parsed({ type: 'dot', x: 1, from: 1 })).toBe(
    'document.unknown-key from: known are type, x',
  )
  expect(refused('a36178056466726f6d01647479706563646f74')).toBe('document.unknown-key')
})

test('a type that stands twice is refused', () => {
  expect(refused('a3617805647479706563646f74' + '647479706563646f74')).toBe('bytes.order')
})

test('what stands before the type is read no deeper than the deepest variant', () => {
  const nested = oneOf({ list: { a: list(digit, { max: 3 }) } })
  expect(decode(nested, encode(nested, { type: 'list', a: [1, 2] })).ok).toBe(true)
  const deep = decode(
    { ...nested, bytesMax: 99 },
    fromHex('a261618181818181006474797065646c697374') ?? new Uint8Array(),
  )
  expect(deep.ok ? 'ok' : deep.refusal.code).toBe('bytes.depth')
  const key = decode(
    { ...nested, bytesMax: 99 },
    fromHex('a28101006474797065646c697374') ?? new Uint8Array(),
  )
  expect(key.ok ? 'ok' : key.refusal.code).toBe('bytes.depth')
})

test('a variant that is none is not written', () => {
  expect(() => encode(shape, { type: 'disc' } as never)).toThrow('no variant disc')
})

test('a oneOf is a map and nothing else', () => {
  for (const input of [null, [], 'dot', 5]) expect(parsed(input)).toMatch(/^document\.type : /)
})

test('a oneOf is as long and as deep as its largest variant', () => {
  expect(shape.bytesMax).toBe(1 + 5 + 5 + 5 + 1 + 8 + 1)
  expect(shape.depth).toBe(1)
  expect(shape.json).toMatchObject({ description: 'A shape.', oneOf: [{}, {}, {}] })
})
