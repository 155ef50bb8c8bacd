import { type ChainId, type Job, jobDocument, jobId, resultId, sign } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { jobFor, keyNamed, manifestOf, noon, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'
import type { Probes } from './setting.ts'

const kim = keyNamed('kim')

/** A job of twenty units that all give what is right. */
function probesOn(chain: ChainId, more: Partial<Job> = {}): Probes {
  const probe = { ...jobFor(chain, kim, 999), ...sweepOf(20), name: 'probe', ...more }
  const job = sign(jobDocument, probe, kim)
  return { job, result: (unit) => resultId(manifestOf(jobId(job), unit, 'right').outcome) }
}

/** A rig whose coordinator tries new nodes, with the job published if it is to be. */
function probing(isPublished = true) {
  const rig = new Rig({}, { probes: probesOn })
  const { job } = probesOn(rig.chain)
  if (isPublished) rig.ask({ type: 'publish', job })
  return { rig, probe: jobId(job) }
}

const jobsOf = (rig: Rig, name: string) => rig.leases(name).map(({ lease }) => lease.job)

describe('a node that is new', () => {
  test('is given one unit with a known answer first, and real ones when it was right', () => {
    const { rig, probe } = probing()
    const id = rig.publish(sweepOf(5))
    rig.join('ann', { units: 4 })
    expect(jobsOf(rig, 'ann')).toEqual([probe])
    rig.deliverAll('ann')
    rig.offer('ann', { units: 3 })
    expect(jobsOf(rig, 'ann')).toEqual([id, id, id])
  })

  test('is given none of a job that is being given up', () => {
    const rig = new Rig({}, { probes: (chain) => probesOn(chain, { deadline: noon + 1000 }) })
    const { job } = probesOn(rig.chain, { deadline: noon + 1000 })
    rig.ask({ type: 'publish', job })
    rig.join('ann', { units: 1 })
    rig.join('bob', { units: 0 })
    rig.pass(1000)
    rig.offer('bob', { units: 1 })
    expect(jobsOf(rig, 'bob')).toEqual([])
    rig.pass(2 * 60_000)
    expect(rig.news).toContainEqual({ type: 'ended', job: jobId(job), as: 'dead' })
  })

  test('is given none that somebody brought after a restart, and that is decided by now', () => {
    const { rig } = probing()
    rig.join('ann', { units: 1 })
    const [out] = rig.leases('ann')
    rig.restart()
    rig.join('ann', { units: 0 })
    if (out !== undefined) rig.tell('ann', rig.delivery('ann', out))
    rig.pass(60_000)
    rig.join('bob', { units: 1 })
    expect(rig.leases('bob').map(({ lease }) => lease.unit)).toEqual([1])
    rig.pass(2 * 60_000)
  })

  test('passes by that, unvouched, and what it earns waits', () => {
    const { rig } = probing()
    rig.join('ann')
    rig.deliverAll('ann')
    expect(rig.standing('ann')).toEqual({ vouched: 0, passes: 1, strikes: 0 })
    rig.pass(60_000)
    expect([rig.credit('ann'), rig.bond('ann')]).toEqual([0, 2000])
  })

  test('is measured by it: what it says of its speed counts no more than what was seen', () => {
    const { rig } = probing()
    rig.publish({ resources: rig.resources({ fuel: 1e12 }) })
    rig.join('ann', { units: 1, windowMs: 1_500_000 })
    rig.pass(20_000)
    rig.deliverAll('ann')
    // 2e9 of fuel in 20 seconds: 1e12 takes ten thousand, and not a thousand.
    rig.offer('ann', { units: 1, windowMs: 1_500_000 })
    expect(jobsOf(rig, 'ann')).toEqual([])
    expect(rig.told('ann', 'idle').at(-1)?.reasons[0]?.code).toBe('window')
  })

  test('that is wrong is tried again, and left alone after the third time', () => {
    const { rig, probe } = probing()
    rig.publish(sweepOf(5))
    rig.join('ann')
    for (let i = 0; i < 5; i++) {
      rig.deliverAll('ann', () => 'wrong')
      rig.offer('ann')
    }
    expect(jobsOf(rig, 'ann')).toEqual([])
    expect(rig.verdicts(probe)).toEqual(['expired', 'expired', 'expired'])
    expect(rig.standing('ann')).toBeUndefined()
    rig.close('ann')
    rig.join('ann')
    expect(jobsOf(rig, 'ann')).toEqual([probe])
  })

  test('that does not answer loses the unit, which is given to nobody else', () => {
    const { rig, probe } = probing()
    rig.join('ann')
    rig.pass(60_000)
    expect(rig.verdicts(probe)).toEqual(['expired'])
  })
})

test('a probe that was out at a restart may be given twice, and who is right has passed', () => {
  const { rig, probe } = probing()
  rig.join('ann')
  const lease = rig.lease('ann')
  rig.restart()
  rig.join('bob')
  const again = rig.lease('bob')
  expect(again.lease.unit).toBe(lease.lease.unit)
  rig.join('ann', { units: 0 })
  rig.tell('ann', rig.delivery('ann', lease))
  rig.tell('bob', rig.delivery('bob', again))
  expect(rig.verdicts(probe)).toEqual(['accepted'])
  for (const name of ['ann', 'bob']) {
    expect(rig.standing(name)).toEqual({ vouched: 0, passes: 1, strikes: 0 })
  }
})

describe('nobody is tried', () => {
  test('of the mesh’s own', () => {
    const { rig } = probing()
    const id = rig.publish()
    rig.join('kim')
    expect(jobsOf(rig, 'kim')).toEqual([id])
  })

  test('who has passed before', () => {
    const { rig } = probing()
    rig.join('ann')
    rig.deliverAll('ann')
    const id = rig.publish()
    rig.restart()
    rig.join('ann')
    expect(jobsOf(rig, 'ann')).toEqual([id])
  })

  test('as long as the job was not admitted, or when it has ended', () => {
    const { rig } = probing(false)
    const id = rig.publish(sweepOf(3))
    rig.join('ann', { units: 1 })
    expect(jobsOf(rig, 'ann')).toEqual([id])
    const published = probing()
    published.rig.act('kim', { type: 'cancel', job: published.probe })
    const other = published.rig.publish(sweepOf(3))
    published.rig.join('ann', { units: 1 })
    expect(jobsOf(published.rig, 'ann')).toEqual([other])
  })

  test('who does not offer its kind of executor', () => {
    const { rig } = probing()
    rig.join('ann', { executors: [{ type: 'docker', isolation: 'runc', anyImage: true }] })
    expect(jobsOf(rig, 'ann')).toEqual([])
  })

  test('with a unit that was used', () => {
    const { rig, probe } = probing()
    const units = new Set<number>()
    for (let i = 0; i < 20; i++) {
      if (i === 10) rig.restart()
      rig.join(`n${i}`, { units: 1 })
      for (const { lease } of rig.leases(`n${i}`)) units.add(lease.unit)
      rig.deliverAll(`n${i}`)
    }
    expect(units.size).toBe(20)
    rig.join('late', { units: 1 })
    expect(jobsOf(rig, 'late')).toEqual([])
    const id = rig.publish()
    expect(jobsOf(rig, 'late')).toEqual([id])
    rig.act('ada', { type: 'cancel', job: id })
    rig.pass(60_000)
    expect(rig.news).toContainEqual({ type: 'ended', job: probe, as: 'final' })
  })
})

test('the job of the probes ends by its deadline, after a restart too', () => {
  const rig = new Rig({}, { probes: (chain) => probesOn(chain, { deadline: noon + 30_000 }) })
  const job = rig.state.probes?.book.signed
  if (job === undefined) throw new Error('no probes')
  rig.ask({ type: 'publish', job })
  rig.join('ann')
  rig.restart()
  rig.pass(30_000)
  expect(rig.outcomes(jobId(job))).toEqual({ expired: 20 })
  expect(rig.news).toContainEqual({ type: 'ended', job: jobId(job), as: 'dead' })
})
