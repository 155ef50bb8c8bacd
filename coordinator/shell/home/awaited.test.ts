import { expect, test } from 'vitest'
import { Awaited } from './awaited.ts'

/** A clock that goes off when the test says so. */
function clock() {
  const timers = new Set<() => void>()
  const after = (_: number, act: () => void) => {
    timers.add(act)
    return () => {
      timers.delete(act)
    }
  }
  return { after, timers }
}

test('what is awaited is said once its entry is covered, and in its order', () => {
  const { after, timers } = clock()
  const awaited = new Awaited({ after }, () => false)
  const said: string[] = []
  const wait = (seq: number) => awaited.firm(seq, (isFirm) => said.push(`${seq} ${isFirm}`))
  for (const seq of [3, 4, 7]) wait(seq)
  awaited.covered(4)
  expect(said).toEqual(['3 true'])
  awaited.covered(2)
  wait(2)
  expect(said).toEqual(['3 true', '2 true'])
  awaited.covered(5)
  for (const late of timers) late()
  expect(said.slice(2)).toEqual(['4 true', '7 false'])
})

test('alone nobody waits', () => {
  let isFirm: boolean | undefined
  new Awaited(clock(), () => true).firm(9, (said) => {
    isFirm = said
  })
  expect(isFirm).toBe(true)
})
