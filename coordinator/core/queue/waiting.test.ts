import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { type Begun, Job, type Wait } from './job.ts'
import { Search } from './search.ts'
import { chance, needsBy, nodeOf, wants } from './test/cast.ts'
import { Waiting } from './waiting.ts'

const shape = { id: 'one' as JobId, priority: 5, units: 1e6, cost: 1, from: 0 }
const job = new Job(shape, 1, 0)
const kind = { level: 5, kept: false, trust: 0, platform: undefined } as const

function waitOf(unit: number, held: readonly string[]): Wait {
  const begun: Begun = { job, unit, level: 5, kept: false, held, waits: [] }
  return { begun, kind, seq: unit, wanted: wants(1), gone: false }
}

/** A list of so many units, each held by those that are named in turn. */
function listOf(count: number, holders: readonly (readonly string[])[]): [Waiting, Wait[]] {
  const list = new Waiting(needsBy('ada'), kind, 1)
  const all = Array.from({ length: count }, (_, i) => waitOf(i, holders[i % holders.length] ?? []))
  for (const wait of all) list.add(wait)
  return [list, all]
}

const means = { visitsMax: 128, openMin: 256, draw: chance(7) }

/** What a list has for an owner, and how many units were looked at for that. */
function looked(
  list: Waiting,
  owner: string,
  { isSure = true, openMin = 256 } = {},
): [unit: number | undefined, looks: number, said: string] {
  let looks = 0
  const apart = [owner]
  apart.some = (...given) => {
    looks++
    return Array.prototype.some.apply(apart, given)
  }
  const search = new Search(nodeOf(owner, { apart }), [], { ...means, openMin })
  const find = () => list.find(search)
  // With something fresh beside it a list is drawn from once; with nothing it is looked through.
  const found = search.either(find, () => (isSure ? undefined : { job }))
  return [found?.wait?.begun.unit, looks, [...search.reasons.keys()].join(' ')]
}

/** How far counts are from being equal: chi-square, with one degree of freedom less than counts. */
function spread(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
}

/** How often each of those units comes that are not barred for eve, in so many asks. */
function counted(list: Waiting, times: number, options = {}): Map<number | undefined, number> {
  const counts = new Map<number | undefined, number>()
  for (let i = 0; i < times; i++) {
    const [unit] = looked(list, 'eve', options)
    counts.set(unit, (counts.get(unit) ?? 0) + 1)
  }
  return counts
}

describe('a unit is drawn', () => {
  // With 99 degrees of freedom chi-square is above 149 once in a thousand times.
  const bound = 149

  test('from a long list, each as likely as the others, and never one that has left', () => {
    const [list, all] = listOf(300, [[]])
    for (const wait of all) if (wait.begun.unit % 3 !== 0) list.remove(wait)
    const counts = counted(list, 20_000, { isSure: false, openMin: 100 })
    expect([...counts.keys()].every((unit) => unit !== undefined && unit % 3 === 0)).toBe(true)
    expect(counts.size).toBe(100)
    expect(spread([...counts.values()])).toBeLessThan(bound)
  })

  test('from a short list as if there were many: something fresh is given instead', () => {
    const [list] = listOf(100, [[]])
    const counts = counted(list, 51_200, { isSure: false, openMin: 512 })
    const fresh = counts.get(undefined) ?? 0
    counts.delete(undefined)
    expect(Math.abs(fresh / 51_200 - 412 / 512)).toBeLessThan(0.01)
    expect(spread([...counts.values()])).toBeLessThan(bound)
  })

  test('no more likely because the others are barred, as long as there is something fresh', () => {
    const [list] = listOf(1000, [['eve'], ['eve'], ['eve'], []])
    const counts = counted(list, 40_000, { isSure: false })
    expect(Math.abs((counts.get(undefined) ?? 0) / 40_000 - 3 / 4)).toBeLessThan(0.01)
  })

  test('among those that are not barred where there is nothing fresh, and one always', () => {
    for (const holders of [[[]], [[], ['eve']], [['eve'], ['eve'], []]]) {
      const [list] = listOf(100 * holders.length, holders)
      const counts = counted(list, 20_000)
      expect(counts.size).toBe(100)
      expect(spread([...counts.values()])).toBeLessThan(bound)
    }
  })

  test('alike in a short list of which hardly any are left for the owner', () => {
    const [list] = listOf(60, [['eve'], ['eve'], ['eve'], ['eve'], ['eve'], []])
    const counts = counted(list, 10_000)
    expect(counts.size).toBe(10)
    // 27.9 is the bound of one in a thousand with nine degrees of freedom.
    expect(spread([...counts.values()])).toBeLessThan(27.9)
  })
})

describe('an owner who has a part in all of a hundred thousand units', () => {
  const many = 100_000

  test('passes each of them once, some at a time, and is told when it has', () => {
    const [list] = listOf(many, [['eve']])
    const asks = Math.ceil(many / 64)
    for (let i = 0; i < asks - 1; i++) {
      const [unit, looks, said] = looked(list, 'eve')
      expect([unit, said]).toEqual([undefined, 'turn'])
      expect(looks).toBeLessThanOrEqual(64 + 16 + 1)
    }
    expect(looked(list, 'eve')[2]).toBe('apart')
    expect(looked(list, 'eve', { openMin: 1e9 })).toEqual([undefined, 0, 'apart'])
  })

  test('is given what comes behind them', () => {
    const [list] = listOf(many, [['eve']])
    for (let i = 0; i < many / 64; i++) looked(list, 'eve')
    list.add(waitOf(many, ['bob']))
    expect(looked(list, 'eve')[0]).toBe(many)
  })

  test('costs others nothing, and need not look again when they have been there', () => {
    const [list, all] = listOf(many, [['eve']])
    for (let i = 0; i < many / 64; i++) looked(list, 'eve')
    for (let i = 0; i < 60_000; i++) {
      const [unit, looks] = looked(list, 'bob', { openMin: 1 })
      expect(looks).toBe(1)
      list.remove(all[unit as number] as Wait)
    }
    expect(looked(list, 'eve', { openMin: 1e9 })).toEqual([undefined, 0, 'apart'])
  })

  test('finds the one that is not barred, wherever it is', () => {
    const [list, all] = listOf(many, [['eve']])
    const free = all[77_777] as Wait
    free.begun.held = []
    let asks = 0
    while (looked(list, 'eve')[0] !== 77_777) expect(++asks).toBeLessThan(many / 64)
  })
})

test('a list without units is closed', () => {
  const [list, [wait]] = listOf(1, [['eve']])
  expect(list.open).toBe(true)
  list.remove(wait as Wait)
  expect(list.open).toBe(false)
})

test('a source of chance that always says the same cannot keep a list from giving', () => {
  const [list, [, , third]] = listOf(4, [[]])
  list.remove(third as Wait)
  const stuck = new Search(nodeOf('eve'), [], { ...means, openMin: 1, draw: () => 2 ** 31 })
  expect(list.find(stuck)?.wait?.begun.unit).toBe(0)
})
