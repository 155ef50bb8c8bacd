import { expect, test } from 'vitest'
import { crc32c, masked } from './crc32c.ts'

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i)

test('gives what RFC 3720 says', () => {
  expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff), 0, 32)).toBe(0x62a8ab43)
  expect(crc32c(ascending, 0, 32)).toBe(0x46dd794e)
  expect(crc32c(ascending.toReversed(), 0, 32)).toBe(0x113fdb5c)
  expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283)
})

test('goes on where it ended, wherever that was', () => {
  for (let from = 0; from < 10; from++) {
    const whole = crc32c(ascending, from, 32)
    for (let at = from; at <= 32; at++) {
      expect(crc32c(ascending, at, 32, crc32c(ascending, from, at))).toBe(whole)
    }
  }
})

test('is stored turned by fifteen bits, and with a number added', () => {
  expect(masked(0)).toBe(0xa282ead8)
  expect(masked(0x8001)).toBe(0xa282ead8 + 1 + 0x20000)
})
