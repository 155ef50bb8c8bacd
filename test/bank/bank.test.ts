import { expect, test } from 'vitest'
import { run } from './run.ts'

const seed = 1

test('over real processes nobody spends a balance twice, whoever is killed or parted', async () => {
  process.stdout.write(`bank: seed ${seed}\n`)
  const { attempts, arrived, faults, outcomes } = await run({ seed, attempts: 300 })
  expect(attempts).toBeGreaterThanOrEqual(300)
  expect(arrived).toBeGreaterThan(5)
  expect(outcomes.get('spent twice: credit.short')).toBeGreaterThan(10)
  expect([...faults.keys()].sort()).toEqual(['kill', 'part'])
})
