import type { Job } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { jobOn, leaseOf } from '../test/cast.ts'
import { joined } from '../test/rig.ts'
import { usualMs } from './run-time.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()

/** A node that runs units of one job. */
function running(count: number, needs: Partial<Job['resources']> = {}) {
  const { rig } = joined()
  const job = jobOn(first.chain, 'a job', needs)
  const leases = Array.from({ length: count }, (_, unit) => leaseOf(first, job.id, unit))
  rig.hear(first, ...leases.map(({ message }) => message))
  rig.hear(first, { type: 'job', job: job.signed })
  for (const { key } of rig.all('fetch')) rig.fetch(key)
  return { rig, keys: leases.map(({ execution }) => keyOf(first.id, execution)) }
}

test('the time of a unit is that of whole cores, and does not go on while it stands still', () => {
  const { rig, keys } = running(1, { unitMs: 90_000 })
  rig.passTalking(30_000, first, second)
  // Half of a core, then nothing at all, then half of it again.
  rig.observe({ idleMs: 0 }).passTalking(60_000, first, second)
  rig.observe({ idleMs: 0, power: 'battery' }).passTalking(600_000, first, second)
  rig.observe({ power: 'mains' }).passTalking(59_999, first, second)
  expect(rig.state.held.get(keys[0] ?? '')?.stage).toBe('executing')
  rig.passTalking(1, first, second)
  expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'time' }])
})

test('how long units take is counted in whole cores, whatever share of them is lent', () => {
  const { rig, keys } = running(2)
  rig.state.unitMs = undefined
  rig.observe({ idleMs: 0 }).passTalking(20_000, first, second)
  rig.result(keys[0] ?? '')
  expect([rig.state.unitMs, usualMs(rig.state)]).toEqual([10_000, 20_000])
  // The second one stood still all the time.
  rig.observe({ idleMs: 3_600_000 }).passTalking(2000, first, second)
  rig.result(keys[1] ?? '')
  expect([rig.state.unitMs, usualMs(rig.state)]).toEqual([9000, 9000])
})
