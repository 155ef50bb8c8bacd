import { Uint8ArrayList } from 'uint8arraylist'
import { expect, test } from 'vitest'
import { Messages } from './messages.ts'

function messageOf(length: number, fill: number): Uint8Array {
  const message = new Uint8Array(2 + length).fill(fill)
  new DataView(message.buffer).setUint16(0, length)
  return message
}

const lengths = [1, 300, 65_535, 2, 0, 65_535, 17, 40_000]
const all = Buffer.concat(lengths.map((length, i) => messageOf(length, i + 1)))
const told = lengths.map((length, i) => [length, i + 1] as const).filter(([length]) => length > 0)

test.each([1, 2, 3, 1000, 65_536, all.length])(
  'messages come whole, whatever pieces of %i bytes they are in',
  (pieceBytes) => {
    const messages = new Messages(new Uint8ArrayList())
    const heard: (readonly [number, number | undefined])[] = []
    for (let at = 0; at < all.length; at += pieceBytes) {
      // A copy of its own for each: a large one is freed once it was read.
      const piece = Uint8Array.from(all.subarray(at, at + pieceBytes))
      for (const message of messages.decode(piece)) {
        expect(message.every((byte) => byte === message[0])).toBe(true)
        heard.push([message.length, message[0]])
      }
    }
    expect(heard).toEqual(told)
  },
)

test('what came before goes on where it was', () => {
  const messages = new Messages(new Uint8ArrayList(all.subarray(0, 1), all.subarray(1, 2)))
  const [first] = messages.decode(Uint8Array.from(all.subarray(2, 3)))
  expect([...(first ?? [])]).toEqual([1])
})

test('two connections that take turns do not write over each other', () => {
  const [one, two] = [new Messages(new Uint8ArrayList()), new Messages(new Uint8ArrayList())]
  const [a, b] = [messageOf(5000, 1), messageOf(5000, 2)]
  expect([...one.decode(a.subarray(0, 9))]).toEqual([])
  expect([...two.decode(b.subarray(0, 99))]).toEqual([])
  for (const whole of one.decode(a.subarray(9))) expect(new Set(whole)).toEqual(new Set([1]))
  for (const whole of two.decode(b.subarray(99))) expect(new Set(whole)).toEqual(new Set([2]))
})
