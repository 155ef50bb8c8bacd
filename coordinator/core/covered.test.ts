import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { type Leased, named, Rig } from '../test/rig.ts'

/** A rig in which ann and kim have computed some units. */
function decidedRig(units = 1): Rig {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  rig.publish(sweepOf(units))
  rig.work({ kim: 'right', ann: 'right' })
  return rig
}

/** A rig in which a unit was decided, and the lease of it that ann still keeps. */
function keptRig(): { rig: Rig; lease: Leased } {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  rig.publish()
  const lease = rig.lease('ann')
  rig.deliverAll('ann')
  rig.deliverAll('kim')
  return { rig, lease }
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
    const lease = rig.lease('ann')
    rig.deliverAll('ann')
    rig.close('ann')
    rig.deliverAll('kim')
    rig.cosign()
    rig.join('ann')
    rig.tell('ann', { type: 'hold', leases: [lease.signed] })
    expect(toldOf(rig, 'ann')).toEqual([named(lease)])
  })

  test('and is remembered once until then, however often it is shown', () => {
    const { rig, lease } = keptRig()
    const waiting = rig.state.verdicted.size
    for (let i = 0; i < 3; i++) {
      rig.tell('ann', { type: 'hold', leases: [lease.signed, lease.signed] })
    }
    expect(rig.state.verdicted.size).toBe(waiting)
    rig.cosign()
    expect(toldOf(rig, 'ann')).toEqual([named(lease)])
    expect(rig.state.verdicted.size).toBe(0)
  })

  test('after a restart too, as soon as something is covered', () => {
    const { rig, lease } = keptRig()
    rig.restart()
    rig.join('ann')
    rig.tell('ann', { type: 'hold', leases: [lease.signed] })
    expect(toldOf(rig, 'ann')).toEqual([])
    rig.cosign()
    expect(toldOf(rig, 'ann')).toEqual([named(lease)])
  })
})

describe('after a seal', () => {
  test('nothing is promised before a quorum has cosigned the new epoch', () => {
    const rig = decidedRig()
    rig.restartSealed()
    rig.join('ann')
    expect(rig.refusals('ann')).toEqual(['ledger.unasked'])
    const job = rig.job()
    expect(rig.ask({ type: 'publish', job })).toMatchObject({
      refusal: { code: 'ledger.unasked', retryMs: 1000 },
    })
    rig.cosign()
    rig.join('ann')
    expect(rig.told('ann', 'welcome')).toMatchObject([{ epoch: 1 }])
    expect(rig.ask({ type: 'publish', job })).toMatchObject({ type: 'done' })
  })

  test('nor by a checkpoint of the epoch before; and a restart does not ask for it again', () => {
    const rig = decidedRig()
    const { size } = rig.state.ledger.chain.tip ?? { size: 0 }
    rig.restartSealed()
    rig.cosign(size)
    rig.join('ann')
    expect(rig.refusals('ann')).toEqual(['ledger.unasked'])
    rig.cosign()
    rig.restart()
    rig.join('ann')
    expect(rig.told('ann', 'welcome')).toMatchObject([{ epoch: 1 }])
  })
})
