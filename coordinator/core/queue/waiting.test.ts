import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { type Begun, Job } from './job.ts'
import { Search } from './search.ts'
import { needsBy, nodeOf } from './test/cast.ts'
import { Waiting } from './waiting.ts'

const shape = { id: 'one' as JobId, priority: 5, units: 1e6, slots: 2, cost: 1, from: 0 }
const job = new Job(shape, 1, 0)

/** A list of so many units, each held by those that are named in turn. */
function listOf(count: number, holders: readonly (readonly string[])[]): [Waiting, Begun[]] {
  const list = new Waiting(needsBy('ada'), 5, false, 1)
  const all = Array.from({ length: count }, (_, unit): Begun => {
    const held = holders[unit % holders.length] ?? []
    return { job, unit, seq: unit, level: 5, kept: false, slots: 1, held, gone: false }
  })
  for (const begun of all) list.add(begun)
  return [list, all]
}

/** What a list has for an owner, and how many units were looked at for that. */
function looked(list: Waiting, owner: string): [unit: number | undefined, looks: number] {
  let looks = 0
  const apart = [owner]
  apart.some = (...given) => {
    looks++
    return Array.prototype.some.apply(apart, given)
  }
  const found = list.find(new Search(nodeOf(owner, { apart }), [], 1))
  return [found?.begun?.unit, looks]
}

describe('an owner who has a part in all of a hundred thousand units', () => {
  const many = 100_000

  test('passes each of them once', () => {
    const [list] = listOf(many, [['eve']])
    expect(looked(list, 'eve')).toEqual([undefined, many + 1])
    expect(looked(list, 'eve')).toEqual([undefined, 1])
  })

  test('is given what comes behind them', () => {
    const [list] = listOf(many, [['eve']])
    looked(list, 'eve')
    const more = { job, unit: many, seq: many, level: 5, kept: false, slots: 1, gone: false }
    list.add({ ...more, held: ['bob'] })
    expect(looked(list, 'eve')).toEqual([many, 2])
    expect(looked(list, 'eve')).toEqual([many, 2])
  })

  test('costs others nothing, and need not look again when they have been there', () => {
    const [list, all] = listOf(many, [['eve']])
    looked(list, 'eve')
    for (const begun of all.slice(0, 60_000)) {
      expect(looked(list, 'bob')).toEqual([begun.unit, 1])
      list.remove(begun)
    }
    expect(looked(list, 'eve')).toEqual([undefined, 1])
  })
})

test('units that left in the middle are passed over by nobody for long', () => {
  const [list, all] = listOf(10_000, [['eve'], ['bob']])
  for (const begun of all.slice(1, 9000)) list.remove(begun)
  expect(looked(list, 'eve')[0]).toBe(9001)
  let looks = 0
  for (let i = 0; i < 100; i++) looks += looked(list, 'eve')[1]
  expect(looks).toBe(200)
})

test('a list without units is closed', () => {
  const [list, [begun]] = listOf(1, [['eve']])
  expect(list.open).toBe(true)
  list.remove(begun as Begun)
  expect(list.open).toBe(false)
  expect(looked(list, 'bob')[0]).toBeUndefined()
})
