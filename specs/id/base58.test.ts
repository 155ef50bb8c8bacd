import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromPeerText, toPeerText } from './base58.ts'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const keys = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // Long runs of one byte, where carries run through.
  fc
    .tuple(fc.integer({ min: 0, max: 32 }), fc.constantFrom(0, 255), fc.constantFrom(0, 1, 255))
    .map(([at, first, then]) => new Uint8Array(32).fill(first).fill(then, at)),
)

test('a PeerId is base 58 of the identity multihash, digit by digit', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(toPeerText(key)).toBe(slowly(key))
      expect(fromPeerText(slowly(key))).toEqual(key)
    }),
    { numRuns: 2000 },
  )
})

test('a text is read as a key only if it is the text of that key', () => {
  const digits = fc.array(fc.constantFrom(...alphabet), { minLength: 44, maxLength: 44 })
  fc.assert(
    fc.property(digits, (chosen) => {
      const text = `12D3KooW${chosen.join('')}`
      const key = fromPeerText(text)
      if (key !== undefined) expect(slowly(key)).toBe(text)
      else expect(holdsKey(text)).toBe(false)
    }),
    { numRuns: 2000 },
  )
})

/** Base 58 as it is defined, by long division. */
function slowly(key: Uint8Array): string {
  let rest = BigInt(`0x002408011220${Buffer.from(key).toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = alphabet[Number(rest % 58n)] + text
  return `1${text}`
}

function holdsKey(text: string): boolean {
  let value = 0n
  for (const digit of text) value = value * 58n + BigInt(alphabet.indexOf(digit))
  return value >> 256n === 0x002408011220n
}
