import { isDeepStrictEqual } from 'node:util'
import type { Job, PublisherId } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lendingOf } from './lending.ts'
import { against } from './match.ts'
import { classKey, least, type Needs, needsOf, poolOf } from './needs.ts'
import { allowed, docker, jobs, jobWith, offers } from './test/cast.ts'

const key = (job: Parameters<typeof needsOf>[0]) => classKey(needsOf(job))

describe('jobs of one class', () => {
  test('differ in what no match looks at', () => {
    const other = jobWith({
      name: 'another',
      nonce: new Uint8Array(16).fill(1),
      priority: 9,
      deadline: 77,
      tags: { field: 'physics' },
      replicas: { quorum: 2, max: 6 },
    })
    expect(key(other)).toBe(key(jobWith()))
  })

  test('have the same images, in whatever order they run', () => {
    const programs = [docker('lab/a'), docker('lab/b'), docker('lab/a')]
    expect(key(jobWith({ executors: programs }))).toBe(
      key(jobWith({ executors: [docker('lab/b'), docker('lab/a')] })),
    )
  })

  const others: [string, Job][] = [
    ['publisher', jobWith({ publisher: 'bob' as PublisherId })],
    ['project', jobWith({ project: 'ising' })],
    ['kind of executor', jobWith({ executors: [docker('lab/a')] })],
    ...Object.keys(jobWith().resources).map((name): [string, Job] => {
      return [name, jobWith({ resources: { [name]: 77 } })]
    }),
  ]
  test.each(others)('do not differ in their %s', (_, other) => {
    expect(key(other)).not.toBe(key(jobWith()))
  })

  test('need the same, and so fit the same offers', () => {
    const names = ['publisher', 'project', 'executors', 'resources'] as const
    fc.assert(
      fc.property(jobs, jobs, fc.subarray([...names]), (one, third, changed) => {
        const change = changed.map((name) => [name, third[name]])
        const other = { ...one, name: 'another', ...Object.fromEntries(change) }
        const same = isDeepStrictEqual(needsOf(one), needsOf(other))
        expect(key(other) === key(one)).toBe(same)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the least of classes', () => {
  test('fits wherever one of them fits', () => {
    fc.assert(
      fc.property(fc.array(jobs, { minLength: 1, maxLength: 5 }), offers, allowed, (many, o, i) => {
        const lending = lendingOf(o, i)
        const all: Needs[] = many.map(needsOf)
        const fits = all.some((needs) => against(needs, lending) === undefined)
        if (fits) expect(against(all.reduce(least), lending)).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })

  test('is one of the two where the other needs as much in everything', () => {
    const small = needsOf(jobWith())
    const large = needsOf(jobWith({ resources: { cores: 2, fuel: 9e9 } }))
    expect(least(small, large)).toBe(small)
    expect(least(large, small)).toBe(small)
  })

  test('is the same whichever comes first', () => {
    fc.assert(
      fc.property(jobs, jobs, (one, other) => {
        const [a, b] = [needsOf(one), needsOf(other)]
        expect(least(a, b)).toEqual(least(b, a))
      }),
    )
  })

  test('has a publisher or project only if all have it', () => {
    const [a, b] = ['ising', 'folding'].map((project) => needsOf(jobWith({ project })))
    expect(least(a as Needs, b as Needs)).toMatchObject({ publisher: 'ada' })
    expect(least(a as Needs, b as Needs)).not.toHaveProperty('project')
  })
})

test('modules, images, and what needs GPUs compete for nodes apart', () => {
  const pools = [
    jobWith(),
    jobWith({ executors: [docker('lab/a')] }),
    jobWith({ executors: [docker('lab/a')], resources: { gpus: 1 } }),
  ].map((job) => poolOf(needsOf(job)))
  expect(new Set(pools).size).toBe(3)
})
