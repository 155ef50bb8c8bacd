import { expect, test } from 'vitest'
import { cid } from '../id/id.ts'
import { dict } from '../schema/dict.ts'
import { list } from '../schema/list.ts'
import { oneOf } from '../schema/one-of.ts'
import { bool, bytes, int } from '../schema/scalar.ts'
import { optional, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { decode, encode, fromJson, toJson } from './bytes.ts'
import { fromHex, toHex } from './text.ts'
import vectors from './vectors.json' with { type: 'json' }

const digit = int({ min: 0, max: 9 })

/** What `schema` in vectors.json says in words. */
const schema = struct({
  aa: optional(digit),
  b: optional(bytes({ max: 60_000 })),
  c: optional(cid()),
  d: optional(dict(text({ kind: 'line', max: 64 }), bool(), { max: 8 })),
  i: optional(int({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })),
  l: optional(list(digit, { max: 300 })),
  n: optional(list(list(digit, { max: 2 }), { max: 2 })),
  o: optional(bool()),
  t: optional(text({ kind: 'raw', max: 100 })),
  v: optional(
    oneOf({ one: { x: digit }, two: { y: list(digit, { max: 2 }), wider: optional(bool()) } }),
  ),
})

test.each(vectors.valid)('$name is decoded, and encoded to the same bytes', ({ bytes, json }) => {
  const decoded = decode(schema, hex(bytes))
  if (!decoded.ok) throw new Error(`refused: ${JSON.stringify(decoded.refusal)}`)
  expect(toJson(schema, decoded.value)).toEqual(json)
  expect(toHex(encode(schema, decoded.value))).toBe(bytes)
  const parsed = fromJson(schema, json)
  if (!parsed.ok) throw new Error(`refused: ${JSON.stringify(parsed.refusal)}`)
  expect(toHex(encode(schema, parsed.value))).toBe(bytes)
})

test.each(vectors.vectors)('$name is refused with $code', ({ bytes, code }) => {
  const decoded = decode(schema, hex(bytes))
  expect(decoded.ok ? 'accepted' : decoded.refusal.code).toBe(code)
})

test.each(vectors.valid)('$name is refused when cut anywhere', ({ bytes }) => {
  const whole = hex(bytes)
  for (let length = 0; length < whole.length; length++) {
    const decoded = decode(schema, whole.subarray(0, length))
    expect(decoded.ok ? 'accepted' : decoded.refusal.code, `at ${length}`).toBe('bytes.truncated')
  }
})

test('no two vectors are the same', () => {
  const all = [...vectors.valid, ...vectors.vectors]
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(new Set(all.map(({ bytes }) => bytes)).size).toBe(all.length)
})

test('what is announced is not allocated', () => {
  const announced = hex('a161747affffffff61')
  const before = process.memoryUsage()
  for (let i = 0; i < 1000; i++) decode(schema, announced)
  const after = process.memoryUsage()
  const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed
  expect(grown).toBeLessThan(32 * 2 ** 20)
})

function hex(digits: string): Uint8Array {
  const found = fromHex(digits)
  if (found === undefined) throw new Error('a vector that is not hexadecimal')
  return found
}
