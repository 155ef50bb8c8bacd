import {
  acknowledgementDocument,
  type ChainId,
  type CoordinatorId,
  type Lease,
  leaseDocument,
  limits,
  open,
  receiptId,
  sign,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { deliveryOf, inContainers, keyNamed, nodeNamed, sweepOf } from '../test/cast.ts'
import { type Leased, named, Rig } from '../test/rig.ts'

/** A rig with one unit, and what ann was given of it. */
function withOne(): { rig: Rig; one: Leased } {
  const rig = new Rig()
  rig.publish()
  rig.join('ann', { units: 1 })
  return { rig, one: rig.lease('ann') }
}

describe('a result', () => {
  test('is sealed on the chain without its node, kept beside it, and acknowledged', () => {
    const { rig, one } = withOne()
    const entries = rig.entries.length
    const delivery = rig.delivery('ann', one)
    rig.tell('ann', delivery)
    const sealed = receiptId(delivery.receipt)
    expect(rig.factsOf('receipt')).toEqual([{ type: 'receipt', ...named(one), sealed }])
    expect([...rig.rows.keys()].filter((name) => name.startsWith('receipt/'))).toHaveLength(1)
    const said = rig
      .told('ann', 'acknowledge')
      .map((one) => open(acknowledgementDocument, one.acknowledgement))
    expect(said).toMatchObject([{ ok: true, value: { receipts: [sealed] } }])
    expect(rig.entries.length).toBe(entries + 1)
  })

  test('that comes again is acknowledged again, and sealed once', () => {
    const { rig, one } = withOne()
    const delivery = rig.delivery('ann', one)
    rig.tell('ann', delivery, delivery)
    rig.tell('ann', delivery)
    expect(rig.factsOf('receipt')).toHaveLength(1)
    expect(rig.told('ann', 'acknowledge')).toHaveLength(2)
    expect(rig.refusals('ann')).toEqual([])
  })

  test('is taken after its lease has ended, as long as nobody else has the slot', () => {
    const { rig, one } = withOne()
    rig.pass(2 * limits.leaseMs)
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.told('ann', 'acknowledge')).toHaveLength(1)
  })

  test('that comes late frees what its owner was given of the unit meanwhile', () => {
    const { rig, one } = withOne()
    rig.pass(limits.leaseMs)
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toHaveLength(2)
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.told('ann', 'cancel')).toHaveLength(1)
    expect(rig.node('ann')?.leases.size).toBe(0)
  })

  test('of an earlier process is taken after a restart', () => {
    const { rig, one } = withOne()
    rig.restart()
    rig.join('ann')
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.told('ann', 'acknowledge')).toHaveLength(1)
  })

  test('of many nodes in one moment stand in one entry', () => {
    const rig = new Rig()
    rig.publish(sweepOf(40))
    rig.join('ann', { units: 40 })
    const entries = rig.entries.length
    rig.deliverAll('ann')
    expect(rig.factsOf('receipt')).toHaveLength(40)
    expect(rig.entries.length).toBe(entries + 1)
  })
})

describe('refused, with the execution, and the stream goes on, is', () => {
  function refusedAs(rig: Rig, code: string, one: Leased): void {
    const [refused, ...more] = rig.told('ann', 'refuse')
    expect(refused).toMatchObject({ refusal: { code }, execution: named(one) })
    expect(more).toEqual([])
    expect(rig.hungUp).not.toContain('ann')
    expect(rig.factsOf('receipt')).toEqual([])
  }

  test('what was leased to another node', () => {
    const { rig, one } = withOne()
    rig.join('bob', { units: 1 })
    rig.tell('ann', rig.delivery('bob', rig.lease('bob')))
    refusedAs(rig, 'lease.unknown', rig.lease('bob'))
    expect(one.lease.node).toBe(nodeNamed('ann'))
  })

  test.each<[string, Partial<Lease>, string]>([
    ['a lease that somebody else signed', { fence: 77 }, 'eve'],
    ['a lease of another chain', { chain: 'f'.repeat(64) as ChainId }, 'kim'],
    ['a lease of a later epoch', { epoch: 1 }, 'kim'],
    ['a lease of another coordinator', { coordinator: keyNamed('eve').id as CoordinatorId }, 'eve'],
  ])('%s', (_, more, by) => {
    const { rig, one } = withOne()
    const lease = { ...one.lease, ...more }
    const writer = lease.coordinator === one.lease.coordinator ? 'kim' : 'eve'
    const { body } = sign(leaseDocument, lease, keyNamed(writer))
    const coordinator = keyNamed(by).id as CoordinatorId
    const { signatures } = sign(leaseDocument, { ...lease, coordinator }, keyNamed(by))
    const forged = { signed: { body, signatures }, lease }
    rig.tell('ann', rig.delivery('ann', forged))
    refusedAs(rig, 'lease.unknown', forged)
  })

  test('a receipt of another lease', () => {
    const { rig, one } = withOne()
    const { receipt } = rig.delivery('ann', {
      ...one,
      lease: { ...one.lease, slot: (one.lease.slot + 1) % 16 },
    })
    rig.tell('ann', { ...rig.delivery('ann', one), receipt })
    refusedAs(rig, 'receipt.mismatch', one)
  })

  test('a receipt that another node signed', () => {
    const { rig, one } = withOne()
    const { signatures } = rig.delivery('ann', one, 'else').receipt
    const delivery = rig.delivery('ann', one)
    rig.tell('ann', { ...delivery, receipt: { ...delivery.receipt, signatures } })
    refusedAs(rig, 'signature.false', one)
  })

  test('a manifest of another result', () => {
    const { rig, one } = withOne()
    const { manifest } = rig.delivery('ann', one, 'else')
    rig.tell('ann', { ...rig.delivery('ann', one), manifest })
    refusedAs(rig, 'receipt.mismatch', one)
  })

  test.each<[string, number | 'none']>([
    ['no fuel', 'none'],
    ['more fuel than its job allows', 1e12 + 1],
  ])('a module that burnt %s', (_, fuel) => {
    const { rig, one } = withOne()
    rig.tell('ann', deliveryOf('ann', one.signed, one.lease, 'right', fuel))
    refusedAs(rig, 'receipt.mismatch', one)
  })

  test('a container that counts fuel', () => {
    const rig = new Rig()
    rig.publish(inContainers)
    rig.join('ann', { units: 1 })
    const one = rig.lease('ann')
    rig.tell('ann', deliveryOf('ann', one.signed, one.lease, 'right'))
    refusedAs(rig, 'receipt.mismatch', one)
  })

  test('a result that comes after its job was cancelled', () => {
    const { rig, one } = withOne()
    // So that the job has not ended yet, something of it is held.
    rig.act('ada', { type: 'cancel', job: one.lease.job })
    expect(rig.news).toContainEqual({ type: 'ended', job: one.lease.job, as: 'cancelled' })
    rig.cosign()
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.told('ann', 'decided')).toHaveLength(1)
    expect(rig.factsOf('receipt')).toEqual([])
  })
})

test('what cannot be read as a lease ends the stream', () => {
  const { rig, one } = withOne()
  const lease = { ...one.signed, body: new Uint8Array([0xff]) }
  rig.tell('ann', { ...rig.delivery('ann', one), lease })
  expect(rig.hungUp).toContain('ann')
})

describe('a slot that has its receipt', () => {
  test('takes no other one for the same lease', () => {
    const { rig, one } = withOne()
    rig.tell('ann', rig.delivery('ann', one))
    rig.tell('ann', rig.delivery('ann', one, 'else'))
    expect(rig.refusals('ann')).toEqual(['receipt.conflict'])
    expect(rig.factsOf('receipt')).toHaveLength(1)
  })

  test('takes none under another lease of it', () => {
    const { rig, one } = withOne()
    rig.pass(limits.leaseMs)
    const later = leaseSlotAgain(rig, one)
    rig.deliverAll(later)
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.refusals('ann')).toEqual(['lease.fenced'])
  })

  test('and was decided, tells who comes late that it was, once a quorum has cosigned that', () => {
    const { rig, one } = withOne()
    rig.pass(limits.leaseMs)
    rig.deliverAll(leaseSlotAgain(rig, one))
    rig.join('kim')
    rig.deliverAll('kim')
    expect(rig.verdicts(one.lease.job)).toEqual(['accepted'])
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.refusals('ann')).toEqual(['lease.fenced'])
    expect(rig.told('ann', 'decided')).toEqual([])
    rig.cosign()
    expect(rig.told('ann', 'decided')[0]?.executions).toEqual([named(one)])
  })

  test('that was leased on takes none of the lease before', () => {
    const { rig, one } = withOne()
    rig.pass(limits.leaseMs)
    leaseSlotAgain(rig, one)
    rig.tell('ann', rig.delivery('ann', one))
    expect(rig.refusals('ann')).toEqual(['lease.fenced'])
    expect(rig.factsOf('receipt')).toHaveLength(0)
  })

  /** Gives the slot of an ended lease to somebody else: slots are drawn, so until it is hit. */
  function leaseSlotAgain(rig: Rig, { lease }: Leased): string {
    for (let i = 0; i < 500; i++) {
      const name = `bob ${i}`
      rig.join(name, { units: 1 })
      const [again] = rig.leases(name)
      if (again?.lease.slot === lease.slot) return name
      if (again !== undefined) {
        rig.tell(name, { type: 'abort', executions: [named(again)], why: 'owner' })
      }
      rig.close(name)
    }
    throw new Error('the slot never came again')
  }
})

describe('after the verdict', () => {
  function accepted() {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 })
    rig.join('bob', { units: 1 })
    const late = rig.lease('bob')
    const one = rig.lease('ann')
    const delivery = rig.delivery('ann', one)
    rig.tell('bob', { type: 'abort', executions: [named(late)], why: 'owner' })
    rig.join('kim')
    rig.deliverAll('kim')
    rig.tell('ann', delivery)
    expect(rig.verdicts(id)).toEqual(['accepted'])
    return { rig, id, one, late, delivery }
  }

  test('the same result again is told that it was decided, once a quorum has cosigned that', () => {
    const { rig, one, delivery } = accepted()
    rig.tell('ann', delivery)
    expect(rig.told('ann', 'decided')).toEqual([])
    rig.cosign()
    expect(rig.told('ann', 'decided')[0]?.executions).toContainEqual(named(one))
    const before = rig.told('ann', 'decided').length
    rig.tell('ann', delivery)
    expect(rig.told('ann', 'decided')).toHaveLength(before + 1)
    expect(rig.factsOf('receipt')).toHaveLength(2)
  })

  test('one that comes too late is fenced', () => {
    const { rig, late } = accepted()
    rig.tell('bob', rig.delivery('bob', late))
    expect(rig.refusals('bob')).toEqual(['lease.fenced'])
  })

  test('and after the end of the job, both are told that it was decided', () => {
    const { rig, id, late, delivery } = accepted()
    rig.pass(70_000)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
    rig.cosign()
    const before = rig.told('ann', 'decided').length
    rig.tell('ann', delivery)
    rig.tell('bob', rig.delivery('bob', late))
    expect(rig.told('ann', 'decided')).toHaveLength(before + 1)
    expect(rig.told('bob', 'decided')).toHaveLength(1)
    expect(rig.factsOf('receipt')).toHaveLength(2)
  })

  test('and after the unit is final, but not its job, too', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(2))
    rig.join('ann', { units: 1 })
    rig.join('kim', { units: 1 })
    rig.deliverAll('kim')
    const { unit } = rig.lease('ann').lease
    if (rig.verdicts(id).length === 0) rig.offer('kim', { units: 2 })
    rig.deliverAll('kim')
    const [delivery] = rig.deliverAll('ann')
    expect(rig.unit(id, unit)?.stage).toBe('decided')
    rig.pass(70_000)
    expect(rig.unit(id, unit)).toBeUndefined()
    rig.cosign()
    const before = rig.told('ann', 'decided').length
    if (delivery !== undefined) rig.tell('ann', delivery)
    expect(rig.told('ann', 'decided')).toHaveLength(before + 1)
  })
})
