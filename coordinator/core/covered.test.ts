import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'

/** A rig in which ann and kim have computed some units. */
function decidedRig(units = 1): Rig {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  rig.publish(sweepOf(units))
  rig.work({ kim: 'right', ann: 'right' })
  return rig
}

const toldOf = (rig: Rig, name: string) =>
  rig.told(name, 'decided').flatMap((one) => one.executions)

describe('that a unit was decided is told', () => {
  test('to all who delivered, once a quorum has cosigned beyond the verdict', () => {
    const rig = decidedRig()
    expect(toldOf(rig, 'ann')).toEqual([])
    rig.cosign()
    expect(toldOf(rig, 'ann')).toHaveLength(1)
    expect(toldOf(rig, 'kim')).toHaveLength(1)
    expect(rig.told('ann', 'decided')[0]?.checkpoint).toBe(rig.state.covered?.checkpoint)
  })

  test('not by a checkpoint that ends just before the verdict', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    const id = rig.publish()
    const [delivery] = rig.deliverAll('ann')
    rig.deliverAll('kim')
    const { seq } = rig.unit(id) ?? { seq: 0 }
    rig.cosign(seq)
    if (delivery !== undefined) rig.tell('ann', delivery)
    expect(toldOf(rig, 'ann')).toEqual([])
    rig.cosign(seq + 1)
    expect(toldOf(rig, 'kim')).toHaveLength(1)
    expect(toldOf(rig, 'ann').length).toBeGreaterThan(0)
  })

  test('once: not again by the next checkpoint', () => {
    const rig = decidedRig()
    rig.cosign()
    rig.publish()
    rig.cosign()
    expect(toldOf(rig, 'ann')).toHaveLength(1)
  })

  test('in messages that each hold no more than a frame', () => {
    const rig = decidedRig(200)
    rig.cosign()
    expect(toldOf(rig, 'ann')).toHaveLength(200)
    expect(rig.told('ann', 'decided').length).toBeGreaterThanOrEqual(4)
  })

  test('to who was away then and shows what it keeps', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish()
    const [lease] = rig.leases('ann')
    if (lease === undefined) throw new Error('no lease')
    rig.deliverAll('ann')
    rig.close('ann')
    rig.deliverAll('kim')
    rig.cosign()
    rig.join('ann')
    rig.tell('ann', { type: 'hold', leases: [lease.signed] })
    expect(toldOf(rig, 'ann')).toEqual([named(lease)])
  })

  test('after a restart too, as soon as something is covered', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish()
    const [lease] = rig.leases('ann')
    if (lease === undefined) throw new Error('no lease')
    rig.deliverAll('ann')
    rig.deliverAll('kim')
    rig.restart()
    rig.join('ann')
    rig.tell('ann', { type: 'hold', leases: [lease.signed] })
    expect(toldOf(rig, 'ann')).toEqual([])
    rig.cosign()
    expect(toldOf(rig, 'ann')).toEqual([named(lease)])
  })
})
