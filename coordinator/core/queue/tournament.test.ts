import type { JobId } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Needs } from '../match/needs.ts'
import { Job } from './job.ts'
import { type Entrant, type Found, Search } from './search.ts'
import { needsBy, nodeOf } from './test/cast.ts'
import { Tournament } from './tournament.ts'

/** An entrant that gives itself away, unless it has nothing for anybody. */
class Plain implements Entrant {
  readonly tie: number
  slot = -1
  open = true
  rank: number
  needs: Needs
  readonly job: Job
  hasSome = true

  constructor(tie: number, rank: number, needs: Partial<Needs> = {}) {
    this.tie = tie
    this.rank = rank
    this.needs = needsBy('ada', needs)
    const shape = { id: `${tie}` as JobId, priority: 0, units: 1, cost: 1, from: 0 }
    this.job = new Job(shape, tie, 0)
  }

  find(): Found | undefined {
    return this.hasSome ? { job: this.job } : undefined
  }
}

/** A search by a node of some cores and memory, that counts how often it is asked. */
function searchBy(cores: number, ramBytes: number, visitsMax = 1e9) {
  const asked = { times: 0 }
  const fits = (needs: Needs) => {
    asked.times++
    if (needs.cores > cores) return 'cores'
    return needs.ramBytes > ramBytes ? 'memory' : undefined
  }
  return {
    asked,
    search: new Search(nodeOf('eve', { fits }), [], { visitsMax, openMin: 1, draw: () => 0 }),
  }
}

describe('a tournament', () => {
  const step = fc.tuple(fc.nat(9), fc.nat(20), fc.nat(3), fc.nat(3))

  test('finds the first that fits and has something, as sorting all of them would', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (history) => {
        const all = Array.from({ length: 21 }, (_, i) => new Plain(i, 0))
        const tournament = new Tournament<Plain>()
        for (const one of all) one.open = false
        for (const [kind, who, cores, ramBytes] of history) {
          const one = all[who] as Plain
          if (kind < 6) {
            one.open = kind > 1
            one.rank = cores * 4 + ramBytes
            one.hasSome = kind % 2 === 0
            one.needs = needsBy('ada', { cores: kind, ramBytes: cores })
            tournament.sync(one)
            continue
          }
          const { search } = searchBy(cores + 2, ramBytes)
          const expected = all
            .filter((each) => each.open && each.hasSome)
            .filter(({ needs }) => needs.cores <= cores + 2 && needs.ramBytes <= ramBytes)
            .sort((a, b) => a.rank - b.rank || a.tie - b.tie)[0]
          expect(tournament.find(search)?.job).toBe(expected?.job)
          expect(tournament.open).toBe(all.some(({ open }) => open))
        }
      }),
      { numRuns: 500 },
    )
  })

  test('tells those above when it opens, closes, or needs less than before', () => {
    const tournament = new Tournament<Plain>()
    const [one, two] = [new Plain(1, 1, { cores: 4 }), new Plain(2, 2, { cores: 4 })]
    expect(tournament.sync(one)).toBe(true)
    expect(tournament.sync(two)).toBe(false)
    two.rank = 0
    expect(tournament.sync(two)).toBe(false)
    two.needs = needsBy('ada', { cores: 2 })
    expect(tournament.sync(two)).toBe(true)
    one.open = false
    expect(tournament.sync(one)).toBe(false)
    two.open = false
    expect(tournament.sync(two)).toBe(true)
    expect(tournament.needs).toBeUndefined()
  })
})

describe('a node that fits nothing', () => {
  const many = 100_000

  test('is told so at the root where all need more than it has', () => {
    const tournament = new Tournament<Plain>()
    for (let i = 0; i < many; i++) tournament.sync(new Plain(i, i, { cores: 4 + (i % 60) }))
    const { asked, search } = searchBy(2, 1e9)
    expect(tournament.find(search)).toBeUndefined()
    expect(asked.times).toBeLessThanOrEqual(2)
    expect([...search.reasons.keys()]).toEqual(['cores'])
  })

  test('looks no further than it may where each needs another thing', () => {
    const tournament = new Tournament<Plain>()
    for (let i = 0; i < many; i++) {
      const needs = i % 2 === 0 ? { cores: 64, ramBytes: 1 } : { cores: 1, ramBytes: 1e9 }
      tournament.sync(new Plain(i, i, needs))
    }
    const { asked, search } = searchBy(2, 1e6, 100)
    expect(tournament.find(search)).toBeUndefined()
    expect(search.spent).toBe(true)
    expect(asked.times).toBeLessThan(400)
  })
})

test('a node that fits one of a hundred thousand finds it at once', () => {
  const tournament = new Tournament<Plain>()
  const all = Array.from({ length: 100_000 }, (_, i) => {
    return new Plain(i, i, { cores: i === 77_777 ? 1 : 8 })
  })
  for (const one of all) tournament.sync(one)
  const { asked, search } = searchBy(2, 1e9, 100)
  expect(tournament.find(search)?.job.id).toBe('77777')
  expect(asked.times).toBeLessThan(150)
})

test('what left needs nothing any more, in the end', () => {
  const tournament = new Tournament<Plain>()
  const all = Array.from({ length: 64 }, (_, i) => new Plain(i, i, { cores: i < 63 ? 1 : 8 }))
  for (const one of all) tournament.sync(one)
  for (const one of all.slice(0, 63)) {
    one.open = false
    tournament.sync(one)
  }
  for (let i = 0; i < 99 && tournament.needs?.cores === 1; i++) {
    const passing = new Plain(100 + i, 0, { cores: 8 })
    tournament.sync(passing)
    passing.open = false
    tournament.sync(passing)
  }
  expect(tournament.needs?.cores).toBe(8)
})
