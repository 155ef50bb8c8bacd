import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mutated } from '../mutate/mutation.ts'
import { controls } from './controls.ts'
import { run } from './run.ts'

const seed = 1

test('nobody spends a balance twice, whoever loses whom', async () => {
  const sum = await run({ seed, attempts: 6_000, threads: 2 })
  console.log(`bank: seed ${seed}, ${sum.attempts} attempts, ${sum.seals} seals`)
  expect(sum.failures).toEqual([])
  expect(sum.attempts).toBeGreaterThanOrEqual(6_000)
  // It says nothing that all is well where nothing happened.
  for (const what of ['depart: done', 'claim: done', 'claimed early: chain.checkpoint']) {
    expect(sum.answers.get(what)).toBeGreaterThan(100)
  }
  expect(sum.seals).toBeGreaterThan(2)
  expect(sum.answers.get('claim: ledger.forked')).toBeGreaterThan(5)
})

describe('somebody does where', () => {
  test.each(controls)(
    '$name: it does not hold that $rule',
    async (control) => {
      const sum = await run({ seed, attempts: 20_000, threads: 1 }, control)
      expect(sum.failures).toHaveLength(1)
      expect(sum.failures[0]?.what).toMatch(/twice|never departed|overdrawn/)
    },
    60_000,
  )

  test.each(controls)('$name is a mistake in the house as it is', ({ name, rule, edits }) => {
    for (const edit of edits) {
      const source = readFileSync(new URL(`../../../${edit.file}`, import.meta.url), 'utf8')
      expect(mutated(source, { name, rule, ...edit })).not.toBe(source)
    }
  })
})
