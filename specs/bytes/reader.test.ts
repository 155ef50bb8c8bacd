import { expect, test } from 'vitest'
import { Reader, Unreadable } from './reader.ts'
import { fromHex } from './text.ts'

function reader(hex: string): Reader {
  return new Reader(fromHex(hex) ?? new Uint8Array())
}

function refusalOf(read: () => unknown): Unreadable {
  try {
    read()
  } catch (cause) {
    if (cause instanceof Unreadable) return cause
    throw cause
  }
  throw new Error('it was read')
}

test('integers of either sign are read to the ends of the safe ones', () => {
  expect(reader('00').int()).toBe(0)
  expect(Object.is(reader('00').int(), 0)).toBe(true)
  expect(reader('1b001fffffffffffff').int()).toBe(Number.MAX_SAFE_INTEGER)
  expect(reader('3b001ffffffffffffe').int()).toBe(Number.MIN_SAFE_INTEGER)
  expect(refusalOf(() => reader('3b001fffffffffffff').int()).code).toBe('bytes.integer')
})

test('a refusal names the byte where the item begins, not where the reader stands', () => {
  const from = reader('0102190001')
  from.int()
  from.int()
  const refusal = refusalOf(() => from.int())
  expect(refusal).toMatchObject({ code: 'bytes.not-shortest', at: 2 })
})

test('a refusal names the key whose value is being read', () => {
  const from = reader('1817')
  from.key = 'epoch'
  expect(refusalOf(() => from.int())).toMatchObject({ key: 'epoch', at: 0 })
})

test('bytes are a view of the input, so that a large document is held once', () => {
  const from = reader('43010203')
  expect(from.bytes(3).buffer).toBe(from.input.buffer)
})

test('a length beyond the bound is refused before the bytes are looked for', () => {
  expect(refusalOf(() => reader('5affffffff').bytes(10)).code).toBe('document.bounds')
  expect(refusalOf(() => reader('44').bytes(10)).code).toBe('bytes.truncated')
})

test('texts are the same below and above the length from which the runtime decodes them', () => {
  for (const length of [0, 1, 63, 64, 65, 200]) {
    for (const text of ['a'.repeat(length), 'é'.repeat(length), `${'a'.repeat(length)}\u6c34`]) {
      const utf8 = Buffer.from(text)
      const head = Buffer.from([0x79, utf8.length >> 8, utf8.length & 255])
      const short = utf8.length < 24 ? [0x60 | utf8.length] : [0x78, utf8.length]
      const input = utf8.length < 256 ? Buffer.from(short) : head
      expect(new Reader(Buffer.concat([input, utf8])).text(1000)).toBe(text)
    }
  }
})

test('a byte order mark is part of the text', () => {
  expect(reader('64efbbbf61').text(10)).toBe('\ufeffa')
})

test('skipping passes over one item of any kind', () => {
  const items = [
    '00',
    '3903e7',
    '43010203',
    '6161',
    '8201820203',
    'a26161f5616202',
    'd82a4100',
    'f4',
  ]
  for (const item of items) {
    const from = reader(`${item}05`)
    from.skip(16)
    expect(from.int()).toBe(5)
    from.end()
  }
})

test('skipping goes down as many levels as it is told', () => {
  reader('818100').skip(2)
  expect(refusalOf(() => reader('81818100').skip(2)).code).toBe('bytes.depth')
  expect(refusalOf(() => reader('a1006100').skip(0)).code).toBe('bytes.depth')
})

test('skipping is as strict as reading', () => {
  expect(refusalOf(() => reader('811817').skip(2)).code).toBe('bytes.not-shortest')
  expect(refusalOf(() => reader('81f93c00').skip(2)).code).toBe('bytes.float')
  expect(refusalOf(() => reader('81f6').skip(2)).code).toBe('document.type')
  expect(refusalOf(() => reader('9f01ff').skip(2)).code).toBe('bytes.indefinite')
  expect(refusalOf(() => reader('8201').skip(2)).code).toBe('bytes.truncated')
  expect(refusalOf(() => reader('5901004100').skip(2)).code).toBe('bytes.truncated')
})

test('expected bytes are passed over only if they are all there', () => {
  const from = reader('616261')
  expect(from.skipIf(Uint8Array.of(0x61, 0x61))).toBe(false)
  expect(from.at).toBe(0)
  expect(from.skipIf(Uint8Array.of(0x61, 0x62))).toBe(true)
  expect(from.skipIf(Uint8Array.of(0x61, 0x63))).toBe(false)
  expect(from.at).toBe(2)
})

test('the end is the end', () => {
  expect(refusalOf(() => reader('00').end()).code).toBe('bytes.trailing')
  reader('').end()
})
