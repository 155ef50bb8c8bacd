import { describe, expect, test } from 'vitest'
import { attacks } from './attacks.ts'
import { type Counts, redundancy, wrongShare } from './counts.ts'
import { verdictPage } from './html.ts'
import type { Options } from './options.ts'
import { simulate } from './report.ts'

/** A mesh that runs in a moment, its window in proportion. Its liars meet five times as often. */
const small = { nodes: 200, own: 4, units: 30_000, window: 6_000 }
/** Few nodes do enough units each to be believed alone. */
const tiny = { nodes: 20, own: 1, units: 30_000, window: 6_000 }

function run(name: string, said: Partial<Options>): Counts {
  return simulate(name, said).counts
}

const names = Object.keys(attacks)
const controls = names.filter((name) => name.startsWith('control-'))
const alone = names.filter((name) => name.startsWith('single-'))
const twofold = names.filter((name) => !controls.includes(name) && !alone.includes(name))

describe('where two owners have to agree', () => {
  test.each(twofold)(
    '%s: next to nothing wrong, at little cost, and nobody honest banned',
    (name) => {
      const counts = run(name, small)
      expect(counts.final).toBeGreaterThan(0.99 * (small.units - small.window))
      expect(wrongShare(counts)).toBeLessThan(1e-3)
      expect(redundancy(counts)).toBeLessThan(2.4)
      expect(counts.honestBans).toBe(0)
      expect(counts.honestSuspensions).toBe(0)
    },
  )
})

describe('where one may be enough', () => {
  test.each(alone)('%s: little wrong, at less cost, and nobody honest banned', (name) => {
    const counts = run(name, tiny)
    expect(wrongShare(counts)).toBeLessThan(1e-3)
    expect(redundancy(counts)).toBeLessThan(1.9)
    expect(counts.honestBans).toBe(0)
  })
})

describe('the simulation sees what is missing', () => {
  test('of verifying again', () => {
    expect(wrongShare(run('control-not-again', small))).toBeGreaterThan(3e-3)
  })

  test('of all that a plain quorum leaves out', () => {
    expect(wrongShare(run('control-quorum', small))).toBeGreaterThan(3e-2)
  })

  test('of a draw that nobody can steer', () => {
    expect(wrongShare(run('ring', { ...small, steered: 1 }))).toBeGreaterThan(3e-2)
  })

  test('of owners who differ in their networks', () => {
    expect(run('one-network', small).wrong).toBe(0)
    expect(run('ring', { ...small, turns: 'never', reverify: false }).wrong).toBeGreaterThan(10)
  })
})

test('a mesh without anchors or nodes of its own gets going', () => {
  const counts = run('none', { ...small, own: 0 })
  expect(counts.dead).toBe(0)
  expect(redundancy(counts)).toBeLessThan(3)
})

test('a page draws what came of a run, against its bar', () => {
  const html = verdictPage([simulate('mixed', tiny)], 1)
  expect(html).toContain('<h2>mixed</h2>')
  expect(html.match(/<polyline/g)).toHaveLength(2)
  expect(html.match(/<rect/g)).toHaveLength(7)
  expect(html).not.toContain('NaN')
})

test('the same seed gives the same run, and another seed another', () => {
  expect(run('mixed', tiny)).toEqual(run('mixed', tiny))
  expect(run('mixed', tiny)).not.toEqual(run('mixed', { ...tiny, seed: 2 }))
})
