import { limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'

/** Entries that a step of so many rulings may write: each its reopening and its verdict. */
const rulingsMax = 1024

describe('a step is bounded', () => {
  test('though somebody is banned who helped to win thousands', { timeout: 120_000 }, () => {
    const many = 1500
    const rig = new Rig({ auditPermille: 3, settleMs: 86_400_000 })
    rig.believe(2000, 'eva', 'eve', 'bob', 'cid', 'dan')
    const id = rig.publish(sweepOf(many))
    for (const name of ['bob', 'cid', 'dan', 'kim', 'eva', 'eve']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong', eve: 'wrong' })
    const { wrong = 0 } = rig.outcomes(id)
    expect(wrong).toBeGreaterThan(rulingsMax)
    rig.entriesInStepMax = 0
    for (let i = 0; i < 20 && !rig.news.some(({ type }) => type === 'banned'); i++) {
      for (const name of ['bob', 'cid', 'dan', 'kim']) {
        rig.offer(name, { units: 8 })
        rig.deliverAll(name)
      }
    }
    expect(rig.news.some(({ type }) => type === 'banned')).toBe(true)
    expect(rig.entriesInStepMax).toBeLessThanOrEqual(rulingsMax + 64)
    rig.pass(1)
    expect(rig.news.filter(({ type }) => type === 'reopened').length).toBe(wrong)
    expect(rig.entriesInStepMax).toBeLessThanOrEqual(rulingsMax + 64)
  })

  test('and what was left over of it is done after a restart', { timeout: 120_000 }, () => {
    const rig = new Rig({ auditPermille: 2, settleMs: 86_400_000 })
    const id = rig.publish({ ...sweepOf(1500), replicas: { quorum: 1, max: 3 } })
    for (const name of ['eva', 'bob', 'kim']) rig.join(name, { units: 0 })
    rig.work({ eva: 'wrong' })
    const { wrong = 0 } = rig.outcomes(id)
    expect(wrong).toBeGreaterThan(rulingsMax)
    const reopened = () => rig.news.filter(({ type }) => type === 'reopened').length
    for (const name of ['kim', 'bob', 'kim', 'bob']) {
      if (reopened() > 0) break
      rig.offer(name, { units: 1 })
      rig.deliverAll(name)
    }
    expect(reopened()).toBeGreaterThan(0)
    expect(reopened()).toBeLessThan(wrong)
    rig.restart()
    rig.pass(1)
    expect(reopened()).toBe(wrong)
  })

  test('though a job is cancelled of which much was begun', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(2000))
    rig.join('ann', { units: 2000 })
    rig.deliverAll('ann')
    rig.entriesInStepMax = 0
    rig.act('ada', { type: 'cancel', job: id })
    rig.pass(1)
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'cancelled' })
    expect(rig.outcomes(id)).toEqual({ cancelled: 2000 })
    expect(rig.entriesInStepMax).toBeLessThanOrEqual(rulingsMax + 64)
  })

  test('and a process that ends meanwhile goes on where it was', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(600))
    rig.join('ann', { units: 600 })
    rig.deliverAll('ann')
    rig.act('ada', { type: 'cancel', job: id })
    expect(rig.outcomes(id).cancelled).toBeLessThan(600)
    rig.restart()
    rig.pass(1)
    expect(rig.outcomes(id)).toEqual({ cancelled: 600 })
    expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'cancelled' })
    expect([...rig.rows.keys()]).toEqual(['seed'])
  })
})

test('a unit that waits again and again is looked at as often as one that waits', () => {
  const rig = new Rig()
  rig.publish()
  for (let i = 0; i < 40; i++) {
    const pair = [`a${i}`, `b${i}`]
    for (const name of pair) rig.join(name, { units: 1 })
    for (const name of pair) {
      rig.tell(name, { type: 'abort', executions: rig.leases(name).map(named), why: 'owner' })
    }
    rig.close(...pair)
    rig.pass(10)
  }
  rig.pass(60_000)
  rig.ticks = 0
  rig.pass(60_000)
  expect(rig.ticks).toBeLessThanOrEqual(4)
})

test('no entry holds more facts than an entry may', () => {
  const rig = new Rig()
  rig.publish(sweepOf(300))
  for (const name of ['kim', 'ann']) rig.join(name, { units: 300 })
  for (const name of ['kim', 'ann']) rig.deliverAll(name)
  rig.pass(60_000)
  expect(rig.factsInEntryMax).toBe(limits.entryFactsMax)
})
