import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Piece, Share } from './share.ts'

/** So many pieces of work, each of which is noted by its name. */
function work(name: string, count: number, done: string[]): Piece {
  return () => {
    done.push(name)
    return --count > 0
  }
}

test('a turn of the loop takes one piece from the row, and all of it in the end', async () => {
  const done: string[] = []
  const share = new Share()
  share.wait(work('a', 3, done))
  expect(done).toEqual([])
  for (let turns = 1; turns <= 3; turns++) {
    await setImmediate()
    expect(done).toHaveLength(turns)
  }
  await setImmediate()
  expect(done).toHaveLength(3)
})

test('those that wait have the same share, whatever they have left', async () => {
  const done: string[] = []
  const share = new Share()
  for (const name of ['a', 'b', 'c']) share.wait(work(name, 1000, done))
  for (let turns = 0; turns < 6; turns++) await setImmediate()
  expect(done).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
})

test('a turn has one number until the loop has come round', async () => {
  const share = new Share()
  const turn = share.turn()
  await Promise.resolve()
  expect(share.turn()).toBe(turn)
  await setImmediate()
  expect(share.turn()).not.toBe(turn)
})

test('who has gone has nothing done any more', async () => {
  const done: string[] = []
  const share = new Share()
  const piece = work('a', 1000, done)
  share.wait(piece)
  share.leave(piece)
  await setImmediate()
  expect(done).toEqual([])
})
