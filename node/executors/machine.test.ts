import { encode, type NodeId, type Offer, offerSchema } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed } from '../test/cast.ts'
import { machineOf, observedAt } from './machine.ts'

const node = keyNamed('node').id as NodeId

test('what the system tells of itself is what an offer can say', async () => {
  const executors = [{ type: 'wasm', profile: 1, fuelPerSecond: 10 ** 9 }] as const
  const machine = await machineOf(node)
  const observed = await observedAt('.')
  const { tier, platform, cores, gpus } = machine
  const offer: Offer = {
    v: 1,
    ...{ node, tier, platform, cores, gpus, executors, units: 1, windowMs: 0 },
    ...{ ramBytes: observed.ramBytesFree ?? 0, diskBytes: observed.diskBytesFree ?? 0 },
    ...{ projects: [], avoids: { projects: [], publishers: [] }, has: [] },
  }
  expect(encode(offerSchema, offer).length).toBeGreaterThan(0)
  expect(platform).toEqual({ os: process.platform, arch: expect.stringMatching(/^[a-z0-9_]+$/) })
  expect(observed.ramBytesFree).toBeGreaterThan(megabytes(10))
  expect(observed.diskBytesFree).toBeGreaterThan(0)
  expect(['mains', 'battery']).toContain(observed.power)
})

function megabytes(count: number): number {
  return count * 1024 * 1024
}
