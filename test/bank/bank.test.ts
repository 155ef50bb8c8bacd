import { expect, test } from 'vitest'
import { run } from './run.ts'

const seed = 1

test('over real processes nobody spends a balance twice', { timeout: 120_000 }, async () => {
  process.stdout.write(`bank: seed ${seed}\n`)
  const { attempts, arrived, outcomes } = await run(seed, 400)
  expect(attempts).toBeGreaterThanOrEqual(400)
  expect(arrived).toBeGreaterThan(5)
  expect(outcomes.get('spent twice: credit.short')).toBeGreaterThan(10)
})
