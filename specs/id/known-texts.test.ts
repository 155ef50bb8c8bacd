import { expect, test } from 'vitest'
import { KnownTexts } from './known-texts.ts'

/** 32 bytes that begin with a number, and with others end. */
function bytesOf(first: number, last: number): Uint8Array {
  const bytes = new Uint8Array(40)
  new DataView(bytes.buffer).setUint32(4, first, true)
  bytes[35] = last
  return bytes
}

test('a text is spelled once while it has its place, and is never that of other bytes', () => {
  let spelled = 0
  const known = new KnownTexts(1024, (bytes, at) => {
    spelled++
    return `${bytes[at]} ${bytes[at + 1]} ${bytes[at + 31]}`
  })
  const [one, other] = [bytesOf(7, 1), bytesOf(7, 2)]
  for (const _ of [1, 2]) expect(known.at(one, 4)).toBe('7 0 1')
  expect(spelled).toBe(1)
  // The same place, and other bytes.
  expect(known.at(other, 4)).toBe('7 0 2')
  expect(known.at(one, 4)).toBe('7 0 1')
  expect(spelled).toBe(3)
})

test('there are more places for those who come again, up to a bound', () => {
  let spelled = 0
  const known = new KnownTexts(1024, (bytes, at) => {
    spelled++
    return `${new DataView(bytes.buffer).getUint32(at, true)}`
  })
  const rounds = (many: number) => {
    for (let i = 0; i < many; i++) expect(known.at(bytesOf(i, 0), 4)).toBe(String(i))
  }
  for (let i = 0; i < 8; i++) rounds(1024)
  spelled = 0
  rounds(1024)
  expect(spelled).toBe(0)
  for (let i = 0; i < 8; i++) rounds(2048)
  spelled = 0
  rounds(2048)
  expect(spelled).toBe(2048)
})

test('what has no text is asked for anew each time', () => {
  const known = new KnownTexts(1024, () => undefined)
  for (const _ of [1, 2]) expect(known.at(bytesOf(1, 1), 4)).toBeUndefined()
})
