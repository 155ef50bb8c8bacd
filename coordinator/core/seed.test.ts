import { digestText, sha256 } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { Rig } from '../test/rig.ts'

const day = 24 * 60 * 60 * 1000

/** Each draw shows what the one before committed to. */
function holdShown(rig: Rig): number {
  const draws = rig.factsOf('draw')
  for (const [i, { shown }] of draws.entries()) {
    const before = draws[i - 1]
    if (before === undefined) expect(shown).toBeUndefined()
    else expect(shown && digestText(sha256(shown))).toBe(before.next)
  }
  return draws.length
}

test('what audits are drawn by is committed to before, and shown a day later', () => {
  const rig = new Rig()
  expect(holdShown(rig)).toBe(1)
  rig.pass(day - 1)
  expect(holdShown(rig)).toBe(1)
  rig.pass(1)
  expect(holdShown(rig)).toBe(2)
})

test('a restart shows the seed before, and commits to another', () => {
  const rig = new Rig()
  for (let i = 0; i < 3; i++) rig.restart()
  expect(holdShown(rig)).toBe(4)
  expect(new Set(rig.factsOf('draw').map(({ next }) => next)).size).toBe(4)
})

test('the seed that is drawn by is on the disk, and nowhere on the chain', () => {
  const rig = new Rig()
  const row = rig.rows.get('seed')
  expect(row).toEqual({ type: 'seed', seed: rig.state.seed })
  expect(rig.factsOf('draw').some(({ shown }) => shown !== undefined)).toBe(false)
})
