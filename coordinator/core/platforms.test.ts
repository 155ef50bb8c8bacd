import type { Offer } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

const on = (os: string) => ({ platform: { os, arch: 'x86_64' }, units: 0 }) as Partial<Offer>

/** Some nodes of platforms, all of whom have shown something, and a job of some units. */
function platforms(nodes: Readonly<Record<string, string>>, units = 6) {
  const rig = new Rig()
  const id = rig.publish(sweepOf(units))
  rig.believe(2000, ...Object.keys(nodes))
  for (const [name, os] of Object.entries(nodes)) rig.join(name, on(os))
  return { rig, id }
}

describe('a platform that errs', () => {
  const nodes = { kim: 'linux', lin: 'linux', win: 'windows', mac: 'macos', max: 'macos' }
  const says = { kim: 'right', mac: 'wrong', max: 'wrong', win: 'right', lin: 'right' }

  test('is put aside, its nodes are excused, and the job goes on without it', () => {
    const { rig, id } = platforms(nodes, 40)
    rig.work(says)
    expect(rig.outcomes(id)).toEqual({ right: 40 })
    expect([...(rig.state.jobs.get(id)?.platforms.aside ?? [])]).toEqual(['macos/x86_64'])
    expect(rig.standing('mac')).toMatchObject({ strikes: 0 })
    expect(rig.news.some(({ type }) => type === 'banned')).toBe(false)
  })

  test('is given no unit of that job any more, and of others it is', () => {
    const { rig, id } = platforms(nodes, 40)
    rig.work(says)
    const others = rig.publish(sweepOf(2))
    expect(rig.state.jobs.has(id)).toBe(true)
    rig.offer('mac', { ...on('macos'), units: 8 })
    expect(new Set(rig.leases('mac').map(({ lease }) => lease.job))).toEqual(new Set([others]))
  })
})

test('a platform excuses a node in sixteen jobs, and who names another each time is struck', () => {
  const rig = new Rig()
  rig.believe(2000, 'ann', 'bob', 'eve')
  for (const name of ['kim', 'ann', 'bob']) rig.join(name, { units: 0 })
  const strikes: (number | undefined)[] = []
  for (let i = 0; i < 18; i++) {
    rig.publish()
    rig.join('eve', { ...on(`eve${i}`), units: 1 })
    rig.deliverAll('eve', () => 'wrong')
    rig.close('eve')
    rig.work({ kim: 'right', ann: 'right', bob: 'right' })
    strikes.push(rig.standing('eve')?.strikes)
  }
  expect(strikes.slice(0, 16)).toEqual(Array(16).fill(0))
  expect(strikes.slice(16)).toEqual([1, 2])
})

test('a platform is aside still when its job was parked, and goes on', () => {
  const rig = new Rig()
  for (const name of ['kim', 'ann']) rig.join(name, { units: 0 })
  rig.publish(sweepOf(10))
  rig.work({ kim: 'right', ann: 'right' })
  rig.pass(60_000)
  const resources = rig.resources({ fuel: 4e9 })
  const id = rig.publish({ ...sweepOf(9), budgetMicro: 12_000, resources }, 'kim')
  const book = rig.state.jobs.get(id)
  rig.offer('ann', { units: 1 })
  rig.offer('kim', { units: 8 })
  expect(book?.unpaid.size).toBe(1)
  rig.state.queue.exclude(id, 'macos/x86_64', rig.at)
  rig.deliverAll('ann')
  rig.offer('kim', { units: 0 })
  rig.deliverAll('kim')
  expect(book?.unpaid.size).toBe(0)
  rig.join('mac', { ...on('macos'), units: 8 })
  expect(rig.leases('mac')).toEqual([])
})

test('two platforms that contradict each other split a job, and nobody is blamed', () => {
  const nodes = { lin: 'linux', lou: 'linux', mac: 'macos', max: 'macos' }
  const { rig, id } = platforms(nodes, 3)
  rig.believe(2000, 'a1', 'a2', 'a3')
  for (const name of ['a1', 'a2', 'a3']) rig.join(name, on('linux'))
  const others = { lou: 'right', a1: 'right', a2: 'right', a3: 'right' }
  rig.work({ lin: 'right', mac: 'wrong', max: 'wrong', ...others })
  expect(rig.verdicts(id)).toContain('split')
  rig.pass(60_000)
  expect(rig.news).toContainEqual({ type: 'ended', job: id, as: expect.any(String) })
  for (const name of Object.keys(nodes)) expect(rig.standing(name)).toMatchObject({ strikes: 0 })
})
