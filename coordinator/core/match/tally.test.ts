import { describe, expect, test } from 'vitest'
import { lendingOf } from './lending.ts'
import { needsOf } from './needs.ts'
import { whyIdle, whyWaiting } from './tally.ts'
import { docker, jobWith, offerWith } from './test/cast.ts'

const small = lendingOf(offerWith({ cores: 1, ramBytes: 100 }))
const large = lendingOf(offerWith())

describe('why a job is waiting', () => {
  test('is told by how many nodes it fits, and what is against it on the others', () => {
    const needs = needsOf(jobWith({ resources: { cores: 2, ramBytes: 9000 } }))
    expect(whyWaiting(needs, [small, small, large])).toEqual({
      fit: 0,
      against: [
        { reason: 'memory', count: 3, alone: 1, measure: { needed: 9000, lent: 8000 } },
        { reason: 'cores', count: 2, alone: 0, measure: { needed: 2, lent: 1 } },
      ],
    })
  })

  test('has no reason among nodes that all fit', () => {
    expect(whyWaiting(needsOf(jobWith()), [large, large])).toEqual({ fit: 2, against: [] })
  })
})

describe('why a node is idle', () => {
  test('is told by how many jobs fit it, a class at a time', () => {
    const classes = [
      { needs: needsOf(jobWith()), jobs: 40 },
      { needs: needsOf(jobWith({ resources: { ramBytes: 50 } })), jobs: 3 },
      { needs: needsOf(jobWith({ executors: [docker('lab/a')] })), jobs: 7 },
    ]
    expect(whyIdle(small, classes)).toEqual({
      fit: 3,
      against: [
        { reason: 'memory', count: 47, alone: 40, measure: { needed: 500, lent: 100 } },
        { reason: 'executor', count: 7, alone: 0 },
        { reason: 'image', count: 7, alone: 0 },
      ],
    })
  })

  test('puts equal counts in the order of the table', () => {
    const needs = needsOf(jobWith({ resources: { ramBytes: 9000, diskBytes: 1e6, cores: 9 } }))
    const { against } = whyIdle(large, [{ needs, jobs: 1 }])
    expect(against.map(({ reason }) => reason)).toEqual(['cores', 'memory', 'disk'])
  })
})
