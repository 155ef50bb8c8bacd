import { expect, test } from 'vitest'
import { run, tableOf } from './run.ts'

/** Every deed on every file, some with several seeds. */
const seeds = Array.from({ length: 143 }, (_, i) => i)

test('no damage to any file is served, and a follower repairs it', async () => {
  const outcomes = await run(seeds)
  const bad = outcomes.filter(({ found, repaired }) => found === 'UNSEEN' || repaired === 'LOST')
  expect(bad, tableOf(outcomes)).toEqual([])
  expect(outcomes).toHaveLength(seeds.length)
  // The control: what LevelDB alone says nothing of.
  expect(outcomes.filter(({ bare }) => bare === 'silent loss').length).toBeGreaterThan(30)
})
