import type { Job, Offer, PublisherId } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lendingOf } from './lending.ts'
import { against, allAgainst, stayMs } from './match.ts'
import { needsOf } from './needs.ts'
import type { Reason } from './reasons.ts'
import { allowed, docker, imageOf, jobs, jobWith, offers, offerWith } from './test/cast.ts'

const wasmOnly = offerWith().executors
const anyDocker = [{ type: 'docker', isolation: 'runc', anyImage: true }] as const
const ownDocker = [{ type: 'docker', isolation: 'runc', anyImage: false }] as const
const gpu = { name: 'GPU', ramBytes: 24 }
const accelerated = jobWith({ resources: { gpus: 2, gpuRamBytes: 16 } })

/** What stands against a job on an offer. */
function said(job: Job, offer: Offer, images: readonly string[] = []): Reason | undefined {
  return against(needsOf(job), lendingOf(offer, images))
}

describe('a unit fits', () => {
  test('a node that lends as much as it needs, to the last byte', () => {
    const { cores, ramBytes, diskBytes } = jobWith().resources
    expect(said(jobWith(), offerWith({ cores, ramBytes, diskBytes }))).toBeUndefined()
  })

  test('a node with more than one kind of executor', () => {
    const offer = offerWith({ executors: [...anyDocker, ...wasmOnly] })
    expect(said(jobWith(), offer)).toBeUndefined()
    expect(said(jobWith({ executors: [docker('lab/tool')] }), offer)).toBeUndefined()
  })

  test('a node that has its data as well as one that has not: that is only a preference', () => {
    expect(said(jobWith(), offerWith({ has: [] }))).toBeUndefined()
  })
})

describe('a unit does not fit', () => {
  const rows: [Reason, string, Job, Offer][] = [
    ['full', 'takes no more units', jobWith(), offerWith({ units: 0 })],
    ['executor', 'has no such executor', jobWith(), offerWith({ executors: [...anyDocker] })],
    ['cores', 'lends too few cores', jobWith({ resources: { cores: 5 } }), offerWith()],
    ['memory', 'lends too little memory', jobWith({ resources: { ramBytes: 8001 } }), offerWith()],
    ['disk', 'lends too little disk', jobWith({ resources: { diskBytes: 20_001 } }), offerWith()],
    ['tier', 'is lent as cpu, if it needs GPUs', accelerated, offerWith({ gpus: [gpu, gpu] })],
    ['gpus', 'lends too few GPUs', accelerated, offerWith({ tier: 'gpu', gpus: [gpu] })],
    [
      'gpu-memory',
      'has too few GPUs of that memory',
      accelerated,
      offerWith({ tier: 'hpc', gpus: [gpu, { name: 'GPU', ramBytes: 15 }] }),
    ],
    [
      'project',
      'computes for other projects',
      jobWith({ project: 'ising' }),
      offerWith({ projects: ['folding'] }),
    ],
    [
      'project',
      'computes for some projects, if it has none',
      jobWith(),
      offerWith({ projects: ['folding'] }),
    ],
    [
      'publisher',
      'computes for other publishers',
      jobWith(),
      offerWith({ publishers: ['bob' as PublisherId] }),
    ],
    [
      'avoided-project',
      'avoids its project',
      jobWith({ project: 'ising' }),
      offerWith({ avoids: { projects: ['ising'], publishers: [] } }),
    ],
    [
      'avoided-publisher',
      'avoids its publisher',
      jobWith(),
      offerWith({ avoids: { projects: [], publishers: ['ada' as PublisherId] } }),
    ],
  ]
  test.each(rows)('%s: a node that %s', (reason, _, job, offer) => {
    expect(said(job, offer)).toBe(reason)
  })
})

describe('an image', () => {
  const job = jobWith({ executors: [docker('ghcr.io/lab/tool')] })
  const offer = offerWith({ executors: [...ownDocker] })

  test('runs on a node that allows any', () => {
    expect(said(job, offerWith({ executors: [...anyDocker] }))).toBeUndefined()
  })

  test.each([
    ['its whole reference', imageOf('ghcr.io/lab/tool')],
    ['its name', 'ghcr.io/lab/tool'],
    ['what its name begins with', 'ghcr.io/lab/'],
  ])('runs where the owner allows %s', (_, entry) => {
    expect(said(job, offer, [entry])).toBeUndefined()
  })

  test.each([
    ['nothing', []],
    ['another digest', [`ghcr.io/lab/tool@sha256:${'b'.repeat(64)}`]],
    ['another name that begins alike', ['ghcr.io/lab/too']],
    ['another registry', ['quay.io/lab/']],
  ])('does not run where the owner allows %s', (_, list) => {
    expect(said(job, offer, list)).toBe('image')
  })

  test('runs only where all of its job may run', () => {
    const two = jobWith({ executors: [docker('ghcr.io/lab/tool'), docker('quay.io/other')] })
    expect(said(two, offer, ['ghcr.io/lab/'])).toBe('image')
    expect(said(two, offer, ['ghcr.io/lab/', 'quay.io/other'])).toBeUndefined()
  })
})

describe('the window of a node', () => {
  // A million fuel at a thousand a second: a thousand seconds.
  const module = jobWith({ resources: { fuel: 1_000_000, unitMs: 3_600_000 } })
  const image = jobWith({ executors: [docker('lab/tool')], resources: { unitMs: 3_600_000 } })

  test('has to hold the fuel of a module at the measured speed', () => {
    expect(said(module, offerWith({ windowMs: 1_000_000 }))).toBeUndefined()
    expect(said(module, offerWith({ windowMs: 999_999 }))).toBe('window')
  })

  test('has to hold the time of an image, whose speed nobody knows', () => {
    const executors = [...anyDocker]
    expect(said(image, offerWith({ executors, windowMs: 3_600_000 }))).toBeUndefined()
    expect(said(image, offerWith({ executors, windowMs: 3_599_999 }))).toBe('window')
  })

  test('need not hold more than the time of a module: then it is over', () => {
    const short = jobWith({ resources: { fuel: 1_000_000, unitMs: 60_000 } })
    expect(stayMs(needsOf(short), lendingOf(offerWith()))).toBe(60_000)
    expect(said(short, offerWith({ windowMs: 60_000 }))).toBeUndefined()
  })
})

test('the first reason is the first of all reasons, in the order of the table', () => {
  const job = jobWith({ project: 'ising', resources: { cores: 9, gpus: 1, gpuRamBytes: 1 } })
  const offer = offerWith({ projects: ['folding'], executors: [...anyDocker] })
  expect(allAgainst(needsOf(job), lendingOf(offer))).toEqual([
    'executor',
    'project',
    'tier',
    'gpus',
    'gpu-memory',
    'cores',
  ])
  expect(said(job, offer)).toBe('executor')
})

test('a match says what the rules of an offer say, read off job and offer as they are', () => {
  fc.assert(
    fc.property(jobs, offers, allowed, (job, offer, images) => {
      expect(said(job, offer, images) === undefined).toBe(fitsPlainly(job, offer, images))
    }),
    { numRuns: 3000 },
  )
})

test('a larger offer never fits less', () => {
  fc.assert(
    fc.property(jobs, offers, offers, allowed, (job, small, other, images) => {
      const needs = needsOf(job)
      const before = allAgainst(needs, lendingOf(small, images))
      const after = allAgainst(needs, lendingOf(larger(small, other), images))
      expect(before).toEqual(expect.arrayContaining(after))
    }),
    { numRuns: 3000 },
  )
})

/** The rules once more, one after the other. */
function fitsPlainly(job: Job, offer: Offer, images: readonly string[]): boolean {
  const { resources: r, executors, publisher, project } = job
  if (offer.units < 1 || offer.cores < r.cores) return false
  if (offer.ramBytes < r.ramBytes || offer.diskBytes < r.diskBytes) return false
  if (r.gpus > 0 && offer.tier === 'cpu') return false
  if (offer.gpus.filter(({ ramBytes }) => ramBytes >= r.gpuRamBytes).length < r.gpus) return false
  if (offer.avoids.publishers.includes(publisher)) return false
  if (project !== undefined && offer.avoids.projects.includes(project)) return false
  if (offer.projects.length > 0 && !offer.projects.some((one) => one === project)) return false
  return executors.every((program) => {
    const executor = offer.executors.find((one) => one.type === program.type)
    if (executor?.type === 'wasm') {
      return offer.windowMs >= Math.min(r.unitMs, (r.fuel / executor.fuelPerSecond) * 1000)
    }
    if (executor === undefined || program.type === 'wasm') return false
    const isAllowed = images.some((one) => {
      return program.image.startsWith(one.endsWith('/') || one.includes('@') ? one : `${one}@`)
    })
    return offer.windowMs >= r.unitMs && (executor.anyImage || isAllowed)
  })
}

/** An offer that lends as much as another, and more where a third one does. */
function larger(offer: Offer, more: Offer): Offer {
  const kinds = more.executors.filter(
    ({ type }) => !offer.executors.some((one) => one.type === type),
  )
  const own = offer.executors.map((one) =>
    one.type === 'wasm'
      ? { ...one, fuelPerSecond: one.fuelPerSecond + 1 }
      : { ...one, anyImage: true },
  )
  return {
    ...offer,
    tier: offer.tier === 'cpu' ? more.tier : offer.tier,
    cores: Math.max(offer.cores, more.cores),
    ramBytes: Math.max(offer.ramBytes, more.ramBytes),
    diskBytes: Math.max(offer.diskBytes, more.diskBytes),
    gpus: [...offer.gpus, ...more.gpus],
    executors: [...own, ...kinds],
    units: offer.units + more.units,
    windowMs: Math.max(offer.windowMs, more.windowMs),
    projects: offer.projects.length === 0 ? [] : [...offer.projects, 'more'],
    avoids: { projects: offer.avoids.projects.slice(1), publishers: [] },
  }
}
