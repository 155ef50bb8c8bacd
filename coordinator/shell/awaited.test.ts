import { expect, test } from 'vitest'
import { Awaited } from './awaited.ts'

test('what is awaited is said once its entry is covered, and in its order', () => {
  const awaited = new Awaited()
  const said: number[] = []
  for (const seq of [3, 4, 7]) awaited.after(seq, () => said.push(seq))
  awaited.covered(4)
  expect(said).toEqual([3])
  awaited.covered(2)
  awaited.after(2, () => said.push(2))
  expect(said).toEqual([3, 2])
  awaited.covered(8)
  expect(said).toEqual([3, 2, 4, 7])
})
