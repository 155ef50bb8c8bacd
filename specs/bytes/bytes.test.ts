import { createHash } from 'node:crypto'
import { sha256 as portable } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { list } from '../schema/list.ts'
import { bool, int } from '../schema/scalar.ts'
import { optional, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'
import { decode, digestOf, encode, fromJson, inDomain, toJson } from './bytes.ts'
import { sha256 } from './digest.ts'
import { toHex } from './text.ts'

const point = struct({ x: int({ min: 0, max: 255 }), y: optional(bool()) })

test('a value is encoded, and decoded to an equal one', () => {
  const bytes = encode(point, { x: 200, y: true })
  expect(toHex(bytes)).toBe('a2617818c86179f5')
  expect(decode(point, bytes)).toEqual({ ok: true, value: { x: 200, y: true } })
})

test('what is encoded is a copy that the next encoding leaves alone', () => {
  const first = encode(point, { x: 1 })
  encode(point, { x: 2 })
  expect(toHex(first)).toBe('a1617801')
})

test('a value outside its schema is thrown, and the next one is encoded all the same', () => {
  expect(() => encode(point, { x: 256 })).toThrow(RangeError)
  expect(() => encode(point, { x: 0.5 })).toThrow(RangeError)
  expect(toHex(encode(point, { x: 3 }))).toBe('a1617803')
})

test('a document longer than its schema allows is neither written nor looked at', () => {
  const short = { ...list(text({ kind: 'raw', max: 10 }), { max: 10 }), bytesMax: 8 }
  expect(() => encode(short, ['12345678'])).toThrow('at most 8 bytes, got 10')
  expect(decode(short, new Uint8Array(9))).toEqual({
    ok: false,
    refusal: { code: 'bytes.too-large', detail: 'at most 8 bytes, found 9' },
  })
})

test('a refusal says where and what was expected', () => {
  expect(decode(point, Uint8Array.of(0xa1, 0x61, 0x78, 0xf5))).toEqual({
    ok: false,
    refusal: {
      code: 'document.type',
      at: 'x, byte 3',
      detail: 'expected an integer, found a simple value',
    },
  })
})

test('a schema that reads too much is caught when its value is encoded again', () => {
  const lax = { ...int({ min: 0, max: 255 }), read: (from: { at: number }) => from.at++ && 0 }
  const refused = decode(lax, Uint8Array.of(0x05))
  expect(refused.ok ? 'accepted' : refused.refusal.code).toBe('bytes.not-canonical')
})

test('a bug inside a schema is thrown, not taken for a refusal', () => {
  const broken = {
    ...point,
    read() {
      throw new TypeError('a bug')
    },
  }
  expect(() => decode(broken, Uint8Array.of(0xa0))).toThrow('a bug')
})

test('a rule may encode a value of its own while a value is being encoded', () => {
  const sealed = where(point, (value) => {
    encode(point, { x: value.x === 9 ? 8 : 9, y: true })
  })
  const pair = list(sealed, { max: 2 })
  const bytes = encode(pair, [{ x: 1 }, { x: 9 }])
  expect(toHex(bytes)).toBe('82a1617801a1617809')
  expect(decode(pair, bytes).ok).toBe(true)
})

test('JSON goes in and comes out, with every fault of it named', () => {
  expect(fromJson(point, { x: 7, y: false })).toEqual({ ok: true, value: { x: 7, y: false } })
  expect(toJson(point, { x: 7 })).toEqual({ x: 7 })
  expect(fromJson(point, { x: -1, y: 0, z: 1 })).toEqual({
    ok: false,
    refusal: { code: 'document.unknown-key', at: 'z', detail: expect.any(String) },
    others: [
      { code: 'document.bounds', at: 'x', detail: expect.any(String) },
      { code: 'document.type', at: 'y', detail: expect.any(String) },
    ],
  })
})

test('no more than 20 faults are named', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, i]))
  const refused = fromJson(point, many)
  expect(refused.ok ? [] : refused.others).toHaveLength(19)
})

test('a domain stands in front of what is signed or digested, with its length', () => {
  expect(inDomain('ab', Uint8Array.of(9))).toEqual(Uint8Array.of(2, 97, 98, 9))
  expect(toHex(digestOf('ab', Uint8Array.of(9)))).toBe(
    createHash('sha256')
      .update(Uint8Array.of(2, 97, 98, 9))
      .digest('hex'),
  )
  expect(() => inDomain('x'.repeat(256), Uint8Array.of())).toThrow('longer than 255 bytes')
})

test('no two pairs of domain and bytes give the same message', () => {
  expect(inDomain('a', Buffer.from('bc'))).not.toEqual(inDomain('ab', Buffer.from('c')))
})

test('SHA-256 is the same by node:crypto and by the portable code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(sha256(bytes)).toEqual(portable(bytes))
    }),
  )
})
