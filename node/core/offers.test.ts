import { limits, refusalOf } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { jobOn, leaseOf, type Writer } from '../test/cast.ts'
import { joined, type Rig } from '../test/rig.ts'

function unitsTo(rig: Rig, writer: Writer): number[] {
  return rig.saidOf('offer', writer).map(({ offer }) => offer.units)
}

const idle = (retryMs: number) =>
  ({ type: 'idle', reasons: [{ code: 'no-unit' }], retryMs }) as const

describe('units', () => {
  test('are asked of the second coordinator once the first has none', () => {
    const { rig, first, second } = joined()
    expect(unitsTo(rig.hear(first, idle(20_000)), second)).toEqual([8])
    expect(unitsTo(rig, first)).toEqual([])
  })

  test('are asked of it too if the first does not answer', () => {
    const { rig, first, second } = joined()
    rig.passTalking(limits.answerMs, first, second)
    expect(unitsTo(rig, second)).toEqual([8])
  })

  test('are asked for again after the time that was told, and not before', () => {
    const { rig, first, second } = joined()
    rig.hear(first, idle(20_000)).hear(second, idle(3_600_000))
    expect(unitsTo(rig.passTalking(20_000, first, second), first)).toEqual([])
    expect(unitsTo(rig.passTalking(1000, first, second), first)).toEqual([8])
  })

  test('are asked for again at once when the owner wants something else', () => {
    const { rig, first, second } = joined()
    rig.hear(first, idle(3_600_000)).hear(second, idle(3_600_000))
    rig.step({ type: 'limits', limits: { ...rig.setting.limits, projects: ['ising'] } })
    expect(rig.saidOf('offer', first)).toMatchObject([{ offer: { projects: ['ising'], units: 8 } }])
  })

  test('are asked for again after a no to everything, not before it says', () => {
    const { rig, first, second } = joined()
    rig.hear(first, { type: 'refuse', refusal: refusalOf('wire.rate', { retryMs: 40_000 }) })
    rig.hear(second, idle(3_600_000))
    expect(unitsTo(rig.passTalking(40_000, first, second), first)).toEqual([])
    expect(unitsTo(rig.passTalking(1000, first, second), first)).toEqual([8])
  })
})

describe('an offer', () => {
  test('that had its answer is taken back when nothing is lent any more', () => {
    const { rig, first, second } = joined()
    rig.hear(first, idle(20_000)).hear(second, idle(20_000)).observe({ power: 'battery' })
    const told = unitsTo(rig, first)
    rig.step({ type: 'limits', limits: { ...rig.setting.limits, projects: ['ising'] } })
    expect([...told, ...unitsTo(rig, first)]).toContain(0)
  })

  test('is followed by another at once when less is lent', () => {
    const { rig, first } = joined()
    rig.observe({ idleMs: 0 })
    expect(rig.saidOf('offer', first)).toMatchObject([{ offer: { cores: 1, units: 1 } }])
    rig.observe({ power: 'battery' })
    expect(unitsTo(rig, first)).toEqual([0])
  })

  test('is not followed by another when nothing has changed', () => {
    const { rig, first, second } = joined()
    rig.observe({ ramBytesFree: 9e9, idleMs: 3_700_000 })
    expect([...unitsTo(rig, first), ...unitsTo(rig, second)]).toEqual([])
  })

  test('is followed by one for more after a moment, so that leases go together', () => {
    const { rig, first, second } = joined()
    rig.observe({ idleMs: 0 }).pass(10)
    rig.observe({ idleMs: 3_600_000 })
    expect(unitsTo(rig, first)).toEqual([8])
    const job = jobOn(first.chain, 'a')
    rig.hear(first, ...[0, 1].map((unit) => leaseOf(first, job.id, unit).message))
    rig.hear(first, { type: 'job', job: job.signed })
    expect(unitsTo(rig.pass(2000), first)).toEqual([])
    for (const key of [...rig.state.held.keys()]) rig.fetch(key).result(key)
    expect(unitsTo(rig, first)).toEqual([])
    expect(unitsTo(rig.passTalking(1000, first, second), first).length).toBeGreaterThan(0)
  })

  test('to a coordinator that drains is not made', () => {
    const { rig, first, second } = joined()
    const job = jobOn(first.chain, 'a')
    rig.hear(first, leaseOf(first, job.id, 0).message)
    rig.hear(first, { type: 'drain', refusal: refusalOf('wire.closing') })
    expect(unitsTo(rig, first)).toEqual([])
    expect(unitsTo(rig, second)).toEqual([4])
    rig.observe({ idleMs: 0 })
    expect(unitsTo(rig, first)).toEqual([])
  })
})
