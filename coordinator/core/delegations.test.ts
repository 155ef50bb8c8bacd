import { describe, expect, test } from 'vitest'
import { noon, ownerNamed, sweepOf } from '../test/cast.ts'
import { codeOf, type Leased, named, Rig } from '../test/rig.ts'
import { freeSlot } from './units.ts'

const day = 86_400_000

describe('a delegation', () => {
  test('with the hello makes a node its owner’s', () => {
    const rig = new Rig()
    rig.join('ann', {}, undefined, { delegation: rig.delegation('ora', 'ann') })
    expect(rig.node('ann')?.owner).toBe(ownerNamed('ora'))
    expect(rig.factsOf('delegation')).toHaveLength(1)
  })

  test('is written once, and gets the same answer again', () => {
    const rig = new Rig()
    const delegation = rig.delegation('ora', 'ann')
    rig.join('ann', {}, undefined, { delegation })
    expect(codeOf(rig.ask({ type: 'delegate', delegation }))).toBe('done')
    expect(rig.factsOf('delegation')).toHaveLength(1)
  })

  test('that is later moves a node that is there', () => {
    const rig = new Rig()
    rig.join('ann', {}, undefined, { delegation: rig.delegation('ora', 'ann') })
    rig.pass(1)
    rig.ask({ type: 'delegate', delegation: rig.delegation('ori', 'ann') })
    expect(rig.node('ann')?.owner).toBe(ownerNamed('ori'))
  })

  test.each<[string, (rig: Rig) => ReturnType<Rig['delegation']>, string]>([
    [
      'is older than the one that is known',
      (rig) => rig.delegation('ori', 'ann', noon - 1),
      'delegation.ended',
    ],
    ['is over', (rig) => rig.delegation('ora', 'bob', noon - day, day), 'delegation.ended'],
    ['is from the future', (rig) => rig.delegation('ora', 'bob', noon + 60_001), 'request.expired'],
  ])('that %s is refused', (_, made, code) => {
    const rig = new Rig()
    rig.ask({ type: 'delegate', delegation: rig.delegation('ora', 'ann') })
    expect(codeOf(rig.ask({ type: 'delegate', delegation: made(rig) }))).toBe(code)
  })

  test('that is over is told to a node that says hello with it, which is its own then', () => {
    const rig = new Rig()
    rig.join('ann', {}, undefined, { delegation: rig.delegation('ora', 'ann', noon - day, day) })
    expect(rig.refusals('ann')).toEqual(['delegation.ended'])
    expect(rig.hungUp).not.toContain('ann')
    expect(rig.node('ann')?.owner).toBe(ownerNamed('ann'))
  })

  test('ends by its time: then a node is its own', () => {
    const rig = new Rig()
    rig.join('ann', {}, undefined, { delegation: rig.delegation('ora', 'ann', noon, 1000) })
    rig.pass(1000)
    rig.close('ann')
    rig.join('ann')
    expect(rig.node('ann')?.owner).toBe(ownerNamed('ann'))
  })
})

describe('a revocation', () => {
  test('makes a node that is there its own again, and outlives its delegation', () => {
    const rig = new Rig()
    const delegation = rig.delegation('ora', 'ann')
    rig.join('ann', {}, undefined, { delegation })
    rig.pass(5)
    const revocation = rig.revocation('ora', 'ann')
    expect(codeOf(rig.ask({ type: 'revoke', revocation }))).toBe('done')
    expect(codeOf(rig.ask({ type: 'revoke', revocation }))).toBe('done')
    expect(rig.factsOf('revocation')).toHaveLength(1)
    expect(rig.node('ann')?.owner).toBe(ownerNamed('ann'))
    const between = rig.delegation('ora', 'ann', noon + 3)
    expect(codeOf(rig.ask({ type: 'delegate', delegation: between }))).toBe('delegation.ended')
    rig.pass(1)
    expect(codeOf(rig.ask({ type: 'delegate', delegation: rig.delegation('ora', 'ann') }))).toBe(
      'done',
    )
    expect(rig.node('ann')?.owner).toBe(ownerNamed('ora'))
  })

  test('from the future is refused', () => {
    const rig = new Rig()
    const revocation = rig.revocation('ora', 'ann', noon + 60_001)
    expect(codeOf(rig.ask({ type: 'revoke', revocation }))).toBe('request.expired')
  })
})

describe('an owner of two nodes', () => {
  test('is given a unit once', () => {
    const rig = new Rig()
    for (const name of ['ann', 'bob']) {
      rig.join(name, {}, undefined, { delegation: rig.delegation('ora', name) })
    }
    rig.publish()
    expect(rig.leases('ann').length + rig.leases('bob').length).toBe(1)
  })

  test('who becomes so after both have a part counts once, and is paid once', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann')
    rig.join('bob')
    rig.deliverAll('ann')
    rig.pass(1)
    for (const name of ['ann', 'bob']) {
      rig.ask({ type: 'delegate', delegation: rig.delegation('ora', name) })
    }
    rig.deliverAll('bob')
    rig.join('kim')
    rig.deliverAll('kim')
    const [verdict] = rig.factsOf('verdict')
    expect(verdict?.decided.type).toBe('accepted')
    expect(rig.factsOf('transfer').filter(({ purpose }) => purpose.type === 'earn')).toHaveLength(2)
  })

  test('is not asked for another with the leases of a node that came to it', () => {
    const rig = new Rig()
    rig.publish(sweepOf(3))
    rig.join('ann', { units: 3 })
    rig.pass(1)
    for (const name of ['ann', 'bob']) {
      rig.ask({ type: 'delegate', delegation: rig.delegation('ora', name) })
    }
    rig.join('bob', { units: 3 })
    rig.join('kim', { units: 3 })
    rig.deliverAll('ann')
    rig.deliverAll('bob')
    rig.deliverAll('kim')
    for (const { decided } of rig.factsOf('verdict')) expect(decided.type).toBe('accepted')
  })
})

describe('a node that comes to another owner', () => {
  function sold(rig: Rig, node: string, owner: string): void {
    rig.pass(1)
    expect(codeOf(rig.ask({ type: 'delegate', delegation: rig.delegation(owner, node) }))).toBe(
      'done',
    )
  }

  /** The three leases of a node, by their units. */
  function byUnit(rig: Rig, name: string): [Leased, Leased, Leased] {
    const leases = rig.leases(name).sort((a, b) => a.lease.unit - b.lease.unit)
    if (leases.length !== 3) throw new Error(`${name} has ${leases.length} leases`)
    return leases as [Leased, Leased, Leased]
  }

  test('is not given again what it holds', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 }, undefined, { delegation: rig.delegation('ora', 'ann') })
    const one = rig.lease('ann')
    sold(rig, 'ann', 'ori')
    rig.offer('ann', { units: 1 })
    expect(rig.leases('ann')).toEqual([one])
    expect(rig.told('ann', 'cancel')).toEqual([])
  })

  test('brings the part that it holds with it, which frees the unit for who had it before', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', { units: 1 }, undefined, { delegation: rig.delegation('ora', 'ann') })
    const [ora, ori] = [rig.delegation('ora', 'bob'), rig.delegation('ori', 'cid')]
    rig.join('bob', { units: 1 }, undefined, { delegation: ora })
    rig.join('cid', { units: 0 }, undefined, { delegation: ori })
    expect(rig.leases('bob')).toEqual([])
    sold(rig, 'ann', 'ori')
    rig.offer('cid', { units: 1 })
    expect(rig.leases('cid')).toEqual([])
    rig.offer('bob', { units: 1 })
    expect(rig.leases('bob')).toHaveLength(1)
  })

  test('loses what its new owner has as well, which loses what the node has delivered', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(3))
    rig.join('ann', { units: 3 })
    rig.join('bob', { units: 3 }, undefined, { delegation: rig.delegation('ora', 'bob') })
    const [anns, bobs] = [byUnit(rig, 'ann'), byUnit(rig, 'bob')]
    rig.tell('ann', rig.delivery('ann', anns[0]))
    rig.tell('bob', rig.delivery('bob', bobs[1]))
    sold(rig, 'ann', 'ora')
    const lost = (name: string) => rig.told(name, 'cancel').flatMap((one) => one.executions)
    expect(lost('bob')).toEqual([named(bobs[0])])
    expect(lost('ann')).toEqual([named(anns[1]), named(anns[2])])
    for (const name of ['ann', 'bob']) rig.offer(name, { units: 3 })
    const holders = [0, 1, 2].map((unit) => Array.from(rig.unit(id, unit)?.leases ?? []).length)
    expect(holders).toEqual([0, 0, 1])
  })

  test('leaves the slot of what was taken from it alone, as long as it may not have heard', () => {
    const rig = new Rig()
    const id = rig.publish()
    rig.join('ann', { units: 1 }, undefined, { delegation: rig.delegation('ora', 'ann') })
    rig.join('bob', { units: 1 }, undefined, { delegation: rig.delegation('ori', 'bob') })
    const { slot } = rig.lease('ann').lease
    sold(rig, 'ann', 'ori')
    const unit = rig.unit(id, 0)
    if (unit === undefined) throw new Error('the unit is gone')
    const drawn = () => new Set(Array.from({ length: 400 }, () => freeSlot(rig.state, unit)))
    expect(drawn()).not.toContain(slot)
    // Where all others are taken it is given all the same.
    unit.takenBack = new Map(Array.from({ length: 16 }, (_, one) => [one, rig.state.at + 60_000]))
    expect(drawn()).toContain(slot)
    unit.takenBack = new Map([[slot, rig.state.at]])
    expect(drawn()).toContain(slot)
  })

  test('does not vote again on what was opened and is verified again', () => {
    const rig = new Rig({ auditPermille: 100, settleMs: 86_400_000 })
    rig.believe(2000, 'eva', 'bob', 'cid')
    rig.publish({ ...sweepOf(60), replicas: { quorum: 1, max: 3 } })
    for (const name of ['eva', 'bob', 'cid', 'kim']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong' })
    for (const name of ['kim', 'bob', 'cid', 'kim', 'bob', 'cid']) {
      if (rig.news.some(({ type }) => type === 'reopened')) break
      rig.offer(name, { units: 1 })
      rig.deliverAll(name)
    }
    expect(rig.news.some(({ type }) => type === 'reopened')).toBe(true)
    // So that nothing else keeps it away.
    rig.believe(2000, 'eva')
    sold(rig, 'eva', 'fox')
    rig.offer('eva', { units: 64 })
    expect(rig.leases('eva')).toEqual([])
    rig.join('gil', { units: 0 })
    rig.offer('gil', { units: 64 })
    expect(rig.leases('gil').length).toBeGreaterThan(0)
  })
})
