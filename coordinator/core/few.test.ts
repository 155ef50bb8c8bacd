import { expect, test } from 'vitest'
import { Few, sortFew } from './few.ts'

test('a few stand in the order in which they came, each once', () => {
  const few = new Few<string>()
  for (const one of ['b', 'a', 'b', 'c']) few.add(one)
  expect([...few]).toEqual(['b', 'a', 'c'])
  few.delete('a')
  few.delete('nobody')
  expect([...few]).toEqual(['b', 'c'])
  expect(few.size).toBe(2)
})

test('a few are sorted as a list is: what is equal stays in its order', () => {
  const lists = [[], [3], [1, 2], [2, 1], [3, 1, 2, 1, 3], [5, 4, 3, 2, 1, 0]]
  for (const list of lists) {
    const numbered = list.map((order, i) => ({ order, i }))
    const by = (a: { order: number }, b: { order: number }) => a.order - b.order
    expect(sortFew([...numbered], by)).toEqual(numbered.toSorted(by))
  }
})
