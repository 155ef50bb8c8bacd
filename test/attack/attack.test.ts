import { expect, test } from 'vitest'
import { attacks } from './attacks.ts'
import { type Outcome, siege } from './siege.ts'

const MiB = 1024 * 1024

test('attacks are refused by code, and neither memory nor an honest peer pays', async () => {
  const seed = Date.now() % 2 ** 32
  const outcomes: Outcome[] = []
  for await (const outcome of siege(attacks, {
    seed,
    hurry: 8,
    windowMs: undefined,
    windows: 1,
  })) {
    outcomes.push(outcome)
  }
  expect(outcomes).toHaveLength(attacks.length)
  for (const [i, { codes }] of attacks.entries()) {
    const outcome = outcomes[i]
    if (outcome === undefined) throw new Error(`nothing is known of ${i}`)
    const told = `seed ${seed}, ${outcome.attack}`
    for (const code of codes) expect(Object.keys(outcome.codes), told).toContain(code)
    expect(outcome.moreBytes, told).toBeLessThan(256 * MiB)
    expect(outcome.waits.refused, told).toBe(0)
  }
  expect(outcomes.at(-1)?.heldBytes, `seed ${seed}`).toBeLessThan(MiB)
})
