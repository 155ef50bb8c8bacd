import { describe, expect, test } from 'vitest'
import { attacks } from './attacks.ts'
import { type Counts, redundancy, wrongShare } from './counts.ts'
import { simulate } from './report.ts'

/** A mesh that is small enough to be run in a moment, and has its window in proportion. */
const small = { nodes: 200, own: 4, units: 30_000, window: 6_000 }
/** In a small mesh the two of a pair meet more often: once in as many units as there are pairs. */
const meeting = 0.2 / small.nodes

function run(name: string, said: object = {}): Counts {
  return simulate(name, { ...small, ...said }).counts
}

const names = Object.keys(attacks)
const controls = names.filter((name) => name.startsWith('control-'))
const alone = names.filter((name) => name.startsWith('single-'))
const twofold = names.filter((name) => !controls.includes(name) && !alone.includes(name))

describe('where two owners have to agree', () => {
  test.each(twofold)('%s', (name) => {
    const counts = run(name)
    expect(counts.final).toBeGreaterThan(0.75 * small.units)
    expect(wrongShare(counts)).toBeLessThan(
      /pairs|ring|fives|copycats|mixed/.test(name) ? 2 * meeting : 1e-3,
    )
    expect(redundancy(counts)).toBeLessThan(name.endsWith('-back') ? 2.7 : 2.5)
    expect(counts.honestBans).toBe(0)
  })
})

describe('where one result is enough', () => {
  test.each(alone)('%s', (name) => {
    const counts = run(name, { nodes: 20, own: 1 })
    expect(wrongShare(counts)).toBeLessThan(1e-3)
    expect(redundancy(counts)).toBeLessThan(2)
    expect(counts.honestBans).toBe(0)
  })
})
