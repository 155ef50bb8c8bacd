import { expect, test } from 'vitest'
import { found, Place } from './place.ts'

test('a place is written as a path that people write in code', () => {
  const root = new Place()
  expect(root.path).toBe('')
  expect(root.below('inputs').below(2).below('path').path).toBe('inputs[2].path')
  expect(root.below(0).path).toBe('[0]')
})

test('a key that is no word is quoted, and cut', () => {
  expect(new Place().below('a b').path).toBe('"a b"')
  expect(new Place('x').below('"').path).toBe('x."\\""')
  expect(new Place().below('-'.repeat(1000)).path).toHaveLength(82)
})

test('all places share their faults, of which there are 20 at most', () => {
  const root = new Place()
  expect(root.below('a').fault('document.rule', 'why')).toBeUndefined()
  expect(root.faults).toEqual([{ code: 'document.rule', at: 'a', detail: 'why' }])
  expect(root.full).toBe(false)
  for (let i = 0; i < 30; i++) root.below(i).fault('document.rule', 'why')
  expect(root.faults).toHaveLength(20)
  expect(root.full).toBe(true)
})

test('what is found is said in words', () => {
  expect(found(null)).toBe('null')
  expect(found(undefined)).toBe('nothing')
  expect(found([1])).toBe('a list')
  expect(found({})).toBe('a map')
  expect(found(new Uint8Array())).toBe('bytes')
  expect(found(5)).toBe('5')
  expect(found(true)).toBe('true')
  expect(found('a"b')).toBe('the text "a\\"b"')
  expect(found('x'.repeat(100))).toBe(`the text "${'x'.repeat(40)}..."`)
  expect(found(() => 1)).toBe('a function')
  expect(found(5n)).toBe('a bigint')
})
