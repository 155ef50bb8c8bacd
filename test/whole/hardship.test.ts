import { expect, test } from 'vitest'
import { endure } from './hardship.ts'

// What a killed node held is given to others only when its units would have had to end.
const timeout = 600_000

test('a job outlives a node, a kill of its coordinator, and its publisher', {
  timeout,
}, async () => {
  const seed = Date.now() % 1000
  const endured = await endure({ units: 100, nodes: 5, points: 200_000, seed }, () => {})
  const { seconds: _, acknowledged, paid, ...rest } = endured
  expect({ seed, ...rest }).toEqual({
    seed,
    accepted: 100,
    compared: 5,
    different: [],
    lost: [],
    paidTwice: [],
    unpaid: [],
    sum: 0,
  })
  // Of each unit two results were needed, and what was acknowledged is one of them or came late.
  expect(paid).toBeGreaterThanOrEqual(200)
  expect(acknowledged).toBeGreaterThan(0)
})
