import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from './text.ts'
import { Writer } from './writer.ts'

function hexOf(write: (writer: Writer) => void): string {
  const writer = new Writer()
  write(writer)
  return toHex(writer.copy())
}

test('a head is as short as its argument allows', () => {
  const heads: [number, string][] = [
    [0, '40'],
    [23, '57'],
    [24, '5818'],
    [255, '58ff'],
    [256, '590100'],
    [65_535, '59ffff'],
    [65_536, '5a00010000'],
    [2 ** 32 - 1, '5affffffff'],
    [2 ** 32, '5b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '5b001fffffffffffff'],
  ]
  for (const [argument, hex] of heads) expect(hexOf((to) => to.head(2, argument))).toBe(hex)
})

test('numbers, bytes, texts and truth values have the bytes of RFC 8949', () => {
  expect(hexOf((to) => to.int(-1))).toBe('20')
  expect(hexOf((to) => to.int(-500))).toBe('3901f3')
  expect(hexOf((to) => to.int(1_000_000))).toBe('1a000f4240')
  expect(hexOf((to) => to.bytes(Uint8Array.of(1, 2, 3, 4)))).toBe('4401020304')
  expect(hexOf((to) => to.text('IETF'))).toBe('6449455446')
  expect(hexOf((to) => to.text('\u6c34'))).toBe('63e6b0b4')
  expect(hexOf((to) => to.bool(true))).toBe('f5')
  expect(hexOf((to) => to.bool(false))).toBe('f4')
})

test('a text begins as ASCII and is still written whole when it turns out not to be', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), texts, (ascii, any) => {
      const text = ascii + any
      const utf8 = Buffer.from(text)
      expect(hexOf((to) => to.text(text)).endsWith(utf8.toString('hex'))).toBe(true)
      expect(hexOf((to) => to.text(text))).toBe(
        hexOf((to) => {
          to.head(3, utf8.length)
          to.raw(utf8)
        }),
      )
    }),
  )
})

test('its room grows with what is written, and is used again', () => {
  const writer = new Writer()
  writer.bytes(new Uint8Array(100_000).fill(7))
  writer.text('é'.repeat(70_000))
  expect(writer.length).toBe(100_005 + 140_005)
  expect(writer.copy().subarray(5, 8)).toEqual(Uint8Array.of(7, 7, 7))
  writer.clear()
  writer.int(5)
  expect(writer.copy()).toEqual(Uint8Array.of(5))
})

test('what was written is compared in full', () => {
  const writer = new Writer()
  writer.bytes(Uint8Array.of(1, 2, 3))
  expect(writer.equals(Uint8Array.of(0x43, 1, 2, 3))).toBe(true)
  expect(writer.equals(Uint8Array.of(0x43, 1, 2, 4))).toBe(false)
  expect(writer.equals(Uint8Array.of(0x43, 1, 2))).toBe(false)
  expect(writer.equals(Uint8Array.of(0x43, 1, 2, 3, 0))).toBe(false)
})

test('a copy does not change with what is written later', () => {
  const writer = new Writer()
  writer.int(1)
  const copy = writer.copy()
  writer.clear()
  writer.int(2)
  expect(copy).toEqual(Uint8Array.of(1))
})
