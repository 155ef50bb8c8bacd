import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mutated } from './mutation.ts'
import { mutations } from './mutations.ts'
import { run } from './run.ts'

/** Some that are seen within a world or two, each by another. */
const quick = [
  { name: 'one-fence-twice', by: 'simulation' },
  { name: 'paid-too-soon', by: 'ledger' },
  { name: 'below-nothing', by: 'simulation' },
] as const

describe('a mutation', () => {
  test.each(mutations)('of $name is one mistake in the house as it is', (mutation) => {
    const source = readFileSync(new URL(`../../../${mutation.file}`, import.meta.url), 'utf8')
    expect(mutated(source, mutation)).not.toBe(source)
  })

  test('is refused where its text does not stand once', () => {
    const [one] = mutations
    if (one === undefined) throw new Error('there is no mutation')
    expect(() => mutated('', one)).toThrow('the list is stale')
    expect(() => mutated(one.text + one.text, one)).toThrow('2 times')
  })

  test('has a name of its own', () => {
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length)
  })

  test.each(quick)(
    'of $name is seen by the $by',
    async ({ name, by }) => {
      const mutation = mutations.find((one) => one.name === name)
      expect(await run(mutation, 10)).toMatchObject({ by })
    },
    60_000,
  )
})

test('without a mutation all is well', async () => {
  expect(await run(undefined, 3)).toBeUndefined()
})
