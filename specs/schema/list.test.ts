import { expect, test } from 'vitest'
import { decode, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { list, listForm } from './list.ts'
import { int } from './scalar.ts'

const digits = list(int({ min: 0, max: 9 }), { min: 1, max: 3, about: 'Digits.' })

function refused(hex: string): string {
  const answer = decode({ ...digits, bytesMax: 99 }, fromHex(hex) ?? new Uint8Array())
  return answer.ok ? 'ok' : answer.refusal.code
}

test('a list holds its items in their order', () => {
  expect(toHex(encode(digits, [3, 1, 2]))).toBe('83030102')
  expect(decode(digits, encode(digits, [3, 1, 2]))).toEqual({ ok: true, value: [3, 1, 2] })
  expect(fromJson(digits, [3, 1, 2])).toEqual({ ok: true, value: [3, 1, 2] })
  expect(toJson(digits, [3, 1, 2])).toEqual([3, 1, 2])
})

test('a list with too few or too many items is refused both ways, and not written', () => {
  for (const items of [[], [1, 2, 3, 4]]) {
    const answer = fromJson(digits, items)
    expect(answer.ok ? 'ok' : answer.refusal.code).toBe('document.bounds')
    expect(() => encode(digits, items)).toThrow(`expected 1 to 3 items, got ${items.length}`)
  }
  expect(refused('80')).toBe('document.bounds')
  expect(refused('8401020304')).toBe('document.bounds')
})

test('a list is no map and no bytes', () => {
  for (const input of [{ length: 1, 0: 1 }, new Uint8Array(2), 'ab', null]) {
    const answer = fromJson(digits, input)
    expect(answer.ok ? 'ok' : answer.refusal.code).toBe('document.type')
  }
  expect(refused('a0')).toBe('document.type')
  expect(refused('4101')).toBe('document.type')
})

test('every wrong item is named by its index', () => {
  const answer = fromJson(digits, [10, 1, 'x'])
  if (answer.ok) throw new Error('it was taken')
  expect([answer.refusal.at, answer.others?.map(({ at }) => at)]).toEqual(['[0]', ['[2]']])
})

test('a hole in a list is no item', () => {
  const holed = [1, 2, 3]
  delete holed[1]
  const answer = fromJson(digits, holed)
  expect(answer.ok ? 'ok' : answer.refusal.at).toBe('[1]')
})

test('a list says its bounds, its length and its depth', () => {
  expect(digits.json).toMatchObject({ type: 'array', minItems: 1, maxItems: 3 })
  expect(listForm(digits, { max: 5 }).json).not.toHaveProperty('minItems')
  expect([digits.bytesMax, digits.depth]).toEqual([4, 1])
  expect(list(digits, { max: 24 })).toMatchObject({ bytesMax: 2 + 24 * 4, depth: 2 })
})
