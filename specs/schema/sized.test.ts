import { expect, test } from 'vitest'
import { decode, encode, fromJson } from '../bytes/bytes.ts'
import { list } from './list.ts'
import { int } from './scalar.ts'
import { sized } from './sized.ts'

const digits = list(int({ min: 0, max: 1000 }), { max: 20 })
const few = sized(digits, 8)

test('a schema with a bound of its own takes what lies within it, in every face', () => {
  const value = [1, 2, 3, 4, 5, 6, 7]
  expect(fromJson(few, value)).toEqual({ ok: true, value })
  expect(decode(few, encode(few, value))).toEqual({ ok: true, value })
})

test('and refuses what lies beyond, though each part of it is allowed', () => {
  const value = [1000, 1000, 1000]
  const refusal = { code: 'bytes.too-large', detail: 'at most 8 bytes when encoded, found 10' }
  expect(fromJson(few, value)).toEqual({ ok: false, refusal, others: [] })
  expect(decode(few, encode(digits, value))).toMatchObject({ refusal: { code: 'bytes.too-large' } })
  expect(() => encode(few, value)).toThrow('at most 8 bytes, got 10')
})

test('and does so inside of another document', () => {
  const pair = list(few, { max: 2 })
  const value = [[1], [1000, 1000, 1000]]
  expect(fromJson(pair, value)).toMatchObject({ refusal: { code: 'bytes.too-large', at: '[1]' } })
  const bytes = encode(list(digits, { max: 2 }), value)
  expect(decode({ ...pair, bytesMax: 99 }, bytes)).toMatchObject({
    refusal: { code: 'bytes.too-large', at: 'byte 3' },
  })
})

test('and is never longer than its parts', () => {
  expect(few.bytesMax).toBe(8)
  expect(sized(digits, 10_000).bytesMax).toBe(digits.bytesMax)
  expect(few.json).toBe(digits.json)
})
