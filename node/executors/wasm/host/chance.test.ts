import { createCipheriv } from 'node:crypto'
import { expect, test } from 'vitest'
import { Chance } from './chance.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i)

test('chance is the key stream of ChaCha20 under the seed, in pieces of any size', () => {
  const stream = createCipheriv('chacha20', seed, new Uint8Array(16)).update(new Uint8Array(1000))
  const chance = new Chance(seed)
  const bytes = new Uint8Array(1000)
  for (let at = 0, size = 1; at < 1000; at += size++) chance.fill(bytes.subarray(at, at + size))
  expect(bytes).toEqual(new Uint8Array(stream))
})

test('its counter goes on into the next word', () => {
  // OpenSSL's nonce of 16 bytes begins with the counter of 8: four blocks before the carry.
  const nonce = Uint8Array.from([0xfc, 0xff, 0xff, 0xff, ...new Uint8Array(12)])
  const stream = createCipheriv('chacha20', seed, nonce).update(new Uint8Array(512))
  const chance = new Chance(seed, 2 ** 32 - 4)
  const bytes = new Uint8Array(512)
  chance.fill(bytes)
  expect(bytes).toEqual(new Uint8Array(stream))
})

test('a seed has 32 bytes', () => {
  expect(() => new Chance(new Uint8Array(31))).toThrow('a seed has 32 bytes, got 31')
})
