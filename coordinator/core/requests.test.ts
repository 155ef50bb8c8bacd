import {
  accounts,
  type ChainId,
  type JobId,
  limits,
  type NodeId,
  type PeerId,
  type Rates,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { keyNamed, nodeNamed, noon, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

const nonce = new Uint8Array(16)
const other = 'f'.repeat(64) as ChainId
const { requestMsMax, clockSkewMs } = limits

describe('a request', () => {
  test('is carried out once: its counter has to be higher than any before', () => {
    const rig = new Rig()
    const ask = (counter: number) => rig.act('ann', { type: 'name', name: 'Ann' }, { counter })
    expect([ask(7), ask(7), ask(6), ask(8)]).toEqual([
      'done',
      'request.replayed',
      'request.replayed',
      'done',
    ])
  })

  test('cannot be sent again after a restart, although a name is no fact', () => {
    const rig = new Rig()
    rig.act('ann', { type: 'name', name: 'Ann' }, { counter: 7 })
    rig.act('ann', { type: 'name' }, { counter: 8 })
    rig.restart()
    expect(rig.act('ann', { type: 'name', name: 'Ann' }, { counter: 7 })).toBe('request.replayed')
    expect(rig.act('ann', { type: 'name', name: 'Ann' }, { counter: 8 })).toBe('request.replayed')
    expect(rig.act('ann', { type: 'name', name: 'Ann' }, { counter: 9 })).toBe('done')
  })

  test('has one counter for all that a key asks', () => {
    const rig = rich()
    expect(rig.act('kim', { type: 'name', name: 'Kim' }, { counter: 90 })).toBe('done')
    const depart = { type: 'depart' as const, to: other, micro: 1, nonce }
    expect(rig.act('kim', depart, { counter: 90 })).toBe('request.replayed')
    expect(rig.act('kim', depart, { counter: 91 })).toBe('done')
    expect(rig.act('kim', { type: 'name', name: 'Kim' }, { counter: 91 })).toBe('request.replayed')
  })

  test('to be shown by a name is for who has earned, where very many have said one', () => {
    const rig = rich()
    for (let i = 0; i < limits.namingsMax; i++) rig.state.namings.set(`${i}` as PeerId, 1)
    expect(rig.act('lea', { type: 'name', name: 'Lea' }, { counter: 7 })).toBe('wire.full')
    expect(rig.act('kim', { type: 'name', name: 'Kim' }, { counter: 7 })).toBe('done')
  })

  test.each([
    ['to another chain', { to: other }, 'request.audience'],
    ['of another epoch', { epoch: 1 }, 'request.audience'],
    [
      'that is over',
      { issued: noon - requestMsMax, expires: noon - clockSkewMs - 1 },
      'request.expired',
    ],
    [
      'from the future',
      { issued: noon + clockSkewMs + 1, expires: noon + clockSkewMs + 2 },
      'request.expired',
    ],
    [
      'that is over by as much as clocks differ',
      { issued: noon - requestMsMax, expires: noon - clockSkewMs },
      'done',
    ],
    [
      'issued by a clock that is fast',
      { issued: noon + clockSkewMs, expires: noon + clockSkewMs + 1 },
      'done',
    ],
  ])('%s is answered %s', (_, more, code) => {
    const rig = new Rig()
    expect(rig.act('ann', { type: 'name', name: 'Ann' }, more)).toBe(code)
  })

  test('that is refused uses no counter', () => {
    const rig = new Rig()
    const cancel = { type: 'cancel' as const, job: other as string as JobId }
    expect(rig.act('ann', cancel, { counter: 7 })).toBe('job.unknown')
    expect(rig.act('ann', { type: 'name', name: 'Ann' }, { counter: 7 })).toBe('done')
  })
})

describe('who cancels a job', () => {
  test('has to be its publisher, and does it once', () => {
    const rig = new Rig()
    const job = rig.publish()
    rig.join('ann')
    rig.deliverAll('ann')
    expect(rig.act('eve', { type: 'cancel', job })).toBe('request.signer')
    expect(rig.act('ada', { type: 'cancel', job })).toBe('done')
    expect(rig.act('ada', { type: 'cancel', job })).toBe('job.ended')
    expect(rig.factsOf('cancel')).toHaveLength(1)
  })

  test('stops what runs, and nothing of it is leased any more', () => {
    const rig = new Rig()
    const job = rig.publish(sweepOf(100))
    rig.join('ann', { units: 2 })
    rig.act('ada', { type: 'cancel', job })
    expect(rig.told('ann', 'cancel')).toHaveLength(2)
    rig.offer('ann')
    rig.pass(60_000)
    expect(rig.leases('ann')).toHaveLength(2)
    expect(rig.node('ann')?.leases.size).toBe(0)
  })

  test('ends it, when what was delivered is opened and nothing is held', () => {
    const rig = new Rig()
    const job = rig.publish(sweepOf(3))
    rig.join('ann')
    rig.join('kim', { units: 1 })
    const [lease] = rig.leases('kim')
    rig.deliverAll('kim')
    rig.tell('ann', rig.delivery('ann', at(rig, 'ann', lease?.lease.unit ?? 0)))
    const other = rig.leases('ann').find(({ lease: one }) => one.unit !== lease?.lease.unit)
    if (other !== undefined) rig.tell('ann', rig.delivery('ann', other))
    rig.act('ada', { type: 'cancel', job })
    expect(rig.verdicts(job)).toEqual(['accepted', 'cancelled'])
    expect(rig.factsOf('end')).toEqual([])
    rig.pass(60_000)
    expect(rig.factsOf('end')).toEqual([{ type: 'end', job, as: 'cancelled' }])
    expect(rig.credit('kim')).toBe(2000)
    expect(rig.state.jobs.size).toBe(0)
    expect([...rig.rows.keys()]).toEqual(['seed'])
  })

  test('has back what its budget did not pay', () => {
    const rig = rich()
    const before = rig.credit('kim')
    const resources = rig.resources({ fuel: 1e9 })
    const job = rig.publish({ budgetMicro: 3000, resources }, 'kim')
    rig.act('kim', { type: 'cancel', job })
    expect(rig.credit('kim')).toBe(before)
    expect(rig.news).toContainEqual({ type: 'ended', job, as: 'cancelled' })
  })

  test('learns from a job that has ended, or that is none', () => {
    const rig = rich()
    const [job] = [...rig.state.ledger.state.jobs.entries()].map(([id]) => id as JobId)
    expect(rig.act('ada', { type: 'cancel', job: job as JobId })).toBe('job.ended')
    expect(rig.act('ada', { type: 'cancel', job: other as string as JobId })).toBe('job.unknown')
  })
})

describe('credit departs', () => {
  test('over the bridge, if the account holds it, once for each nonce', () => {
    const rig = rich()
    const credit = rig.credit('kim')
    const depart = (micro: number, to = other) =>
      rig.act('kim', { type: 'depart', to, micro, nonce })
    expect(depart(credit + 1)).toBe('credit.short')
    expect(depart(1, rig.chain)).toBe('document.rule')
    expect(depart(credit)).toBe('done')
    expect(rig.credit('kim')).toBe(0)
    expect(rig.balance(accounts.bridge(rig.chain, other))).toBe(credit)
  })

  test('once, although it is asked again: who was not told hears in which entry', () => {
    const rig = rich()
    const depart = { type: 'depart' as const, to: other, micro: 700, nonce }
    expect(rig.act('kim', depart)).toBe('done')
    const { size } = rig
    const before = rig.credit('kim')
    expect(rig.act('kim', depart)).toBe('done')
    expect(rig.act('kim', { ...depart, micro: 1 })).toBe('done')
    expect([rig.size, rig.credit('kim')]).toEqual([size, before])
    expect(rig.act('kim', { ...depart, nonce: nonce.with(0, 1) })).toBe('done')
    expect(rig.credit('kim')).toBe(before - 700)
  })
})

describe('a bond', () => {
  test('is left for a node, and given back once it has shown itself', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    rig.publish(sweepOf(100))
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(70_000)
    const credit = rig.credit('ann')
    const node = nodeNamed('bob')
    expect(rig.act('ann', { type: 'bond', node, micro: credit + 1 })).toBe('credit.short')
    expect(rig.act('ann', { type: 'bond', node, micro: 500 })).toBe('done')
    expect([rig.credit('ann'), rig.bond('bob')]).toEqual([credit - 500, 500])
    rig.close('ann')
    rig.join('bob')
    rig.publish(sweepOf(99))
    rig.work({ kim: 'right', bob: 'right' })
    expect(rig.credit('ann')).toBe(credit - 500)
    rig.publish()
    rig.work({ kim: 'right', bob: 'right' })
    expect(rig.credit('ann')).toBe(credit)
  })

  test('is no less than the rate card asks for', () => {
    const rig = rich({ bondMicro: 500 })
    const node = nodeNamed('bob')
    expect(rig.act('kim', { type: 'bond', node, micro: 499 })).toBe('document.bounds')
    expect(rig.bond('bob')).toBe(0)
    expect(rig.act('kim', { type: 'bond', node, micro: 500 })).toBe('done')
  })

  test('is left for a node by one, and only once until it is given back', () => {
    const rig = new Rig()
    rig.believe(100, 'ann')
    for (const name of ['ann', 'kim']) rig.join(name)
    rig.publish()
    rig.work({ ann: 'right', kim: 'right' })
    rig.pass(70_000)
    const node = nodeNamed('bob')
    expect(rig.act('ann', { type: 'bond', node, micro: 1 })).toBe('done')
    expect(rig.act('ann', { type: 'bond', node, micro: 1 })).toBe('document.rule')
    expect(rig.act('kim', { type: 'bond', node, micro: 1 })).toBe('document.rule')
    expect(rig.bond('bob')).toBe(1)
  })

  test('of one of the mesh’s own goes back at once', () => {
    const rig = rich()
    const credit = rig.credit('kim')
    const node = keyNamed('kim').id as NodeId
    expect(rig.act('kim', { type: 'bond', node, micro: 500 })).toBe('done')
    expect(rig.credit('kim')).toBe(credit)
  })
})

/** The lease of a unit that a node has. */
function at(rig: Rig, name: string, unit: number) {
  const lease = rig.leases(name).find((one) => one.lease.unit === unit)
  if (lease === undefined) throw new Error(`${name} has no lease of unit ${unit}`)
  return lease
}

/** A rig in which kim has earned something with ann. */
function rich(rates: Partial<Rates> = {}): Rig {
  const rig = new Rig(rates)
  rig.join('kim')
  rig.join('ann')
  rig.publish(sweepOf(4))
  rig.work({ kim: 'right', ann: 'right' })
  rig.pass(70_000)
  return rig
}
