import { type JobId, limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { Rig } from '../test/rig.ts'

describe('a node that asks for jobs', () => {
  test('is told those of which it holds leases, and of others that there are none', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann')
    rig.tell('ann', { type: 'ask', jobs: [id, 'f'.repeat(64) as JobId] })
    expect(rig.told('ann', 'job')).toHaveLength(1)
    expect(rig.refusals('ann')).toEqual(['job.unknown'])
    expect(rig.hungUp).not.toContain('ann')
  })

  test('is not told a job of which it holds no lease', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('eve', { units: 0 })
    rig.tell('eve', { type: 'ask', jobs: [id, id] })
    expect(rig.told('eve', 'job')).toEqual([])
    expect(rig.refusals('eve')).toEqual(['job.unknown'])
  })

  test('is told each once in a step, however often it asks, and again in the next', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann')
    const ask = { type: 'ask' as const, jobs: Array(limits.perFrameMax).fill(id) }
    rig.tell('ann', ask, ask, ask)
    expect(rig.told('ann', 'job')).toHaveLength(1)
    rig.tell('ann', ask)
    expect(rig.told('ann', 'job')).toHaveLength(2)
  })
})
