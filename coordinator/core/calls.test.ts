import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { noon, sweepOf } from '../test/cast.ts'
import { codeOf, Rig } from '../test/rig.ts'

describe('how far a job is', () => {
  test('is told by its units, those accepted and those that died', () => {
    const rig = new Rig()
    for (const name of ['kim', 'ann', 'bob']) rig.join(name, { units: 0 })
    const job = rig.publish({ ...sweepOf(4), deadline: noon + 1000 })
    const state = () => rig.ask({ type: 'job', job })
    const { chain } = rig.state
    expect(state()).toEqual({ type: 'job', chain, units: 4, accepted: 0, dead: 0 })
    rig.offer('kim', { units: 3 })
    rig.offer('ann', { units: 3 })
    rig.deliverAll('kim')
    rig.deliverAll('ann')
    const { right = 0 } = rig.outcomes(job)
    expect(right).toBeGreaterThan(0)
    expect(state()).toEqual({ type: 'job', chain, units: 4, accepted: right, dead: 0 })
    rig.pass(1000)
    expect(state()).toEqual({ type: 'job', chain, units: 4, accepted: right, dead: 4 - right })
  })

  test('is not known of one that is not here', () => {
    const rig = new Rig()
    const job = 'f'.repeat(64) as JobId
    expect(codeOf(rig.ask({ type: 'job', job }))).toBe('job.unknown')
  })
})

test('an answer names the entry that stands on the disk', () => {
  const rig = new Rig()
  const answer = rig.ask({ type: 'publish', job: rig.job() })
  if (answer?.type !== 'done') throw new Error('not admitted')
  const before = rig.entries.length
  expect(answer.seq).toBe(before - 1)
  expect(rig.ask({ type: 'delegate', delegation: rig.delegation('ora', 'ann') })).toEqual({
    type: 'done',
    seq: before,
  })
})
