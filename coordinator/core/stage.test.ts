import { jobDocument, jobId, resultId, sign } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { jobFor, keyNamed, manifestOf, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'
import { stageOf } from './stage.ts'

const stage = (rig: Rig, name: string) => stageOf(rig.state, rig.node(name))

describe('a node is', () => {
  test('unregistered until it has said hello, and when it is gone', () => {
    const rig = new Rig()
    expect(stage(rig, 'ann')).toBe('unregistered')
    rig.meet('ann')
    expect(stage(rig, 'ann')).toBe('unregistered')
    rig.join('ann')
    rig.close('ann')
    expect(stage(rig, 'ann')).toBe('unregistered')
  })

  test('registered while it lends nothing, and available while it lends', () => {
    const rig = new Rig()
    rig.join('ann', { units: 0 })
    expect(stage(rig, 'ann')).toBe('registered')
    rig.offer('ann', { units: 3 })
    expect(stage(rig, 'ann')).toBe('available')
  })

  test('executing while it would take more, and busy while it would not', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 2 })
    expect(stage(rig, 'ann')).toBe('executing')
    rig.publish()
    expect(stage(rig, 'ann')).toBe('busy')
  })

  test('complete when it has said bye, and delivered all that it held', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 2 })
    rig.tell('ann', { type: 'bye' })
    expect(stage(rig, 'ann')).toBe('busy')
    rig.deliverAll('ann')
    expect(stage(rig, 'ann')).toBe('complete')
  })

  test('pending until it was right about a unit with a known answer', () => {
    const kim = keyNamed('kim')
    const rig = new Rig(
      {},
      {
        probes: (chain) => {
          const job = sign(jobDocument, { ...jobFor(chain, kim, 999), ...sweepOf(5) }, kim)
          const result = (unit: number) => resultId(manifestOf(jobId(job), unit, 'right').outcome)
          return { job, result }
        },
      },
    )
    const job = rig.state.probes?.book.signed
    if (job !== undefined) rig.ask({ type: 'publish', job })
    rig.join('ann', { units: 2 })
    expect(stage(rig, 'ann')).toBe('pending')
    rig.deliverAll('ann')
    expect(stage(rig, 'ann')).toBe('available')
  })
})
