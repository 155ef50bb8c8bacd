import { refusalOf } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { GB, jobOn, leaseOf, ownLimits, quietHour, setting } from '../test/cast.ts'
import { joined, Rig } from '../test/rig.ts'
import { whyIdle } from './idle.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()
const job = jobOn(first.chain, 'a job')
const key = keyOf(first.id, leaseOf(first, job.id, 0).execution)

function codes(rig: Rig): string[] {
  return whyIdle(rig.state).map(({ code }) => code)
}

const idle = (code: string) => ({ type: 'idle', reasons: [{ code }], retryMs: 60_000 }) as const

test('a node that finds nobody says so', () => {
  expect(codes(new Rig())).toEqual(['coordinator'])
})

test('a node that is refused says by what', () => {
  const roster = { members: setting.roster.members.slice(0, 1), quorum: 1 }
  const rig = new Rig({ roster })
  const stream = rig.all('dial')[0]?.stream ?? 0
  rig.step({ type: 'opened', stream })
  const refusal = refusalOf('node.banned')
  rig.step({ type: 'heard', stream, messages: [{ type: 'refuse', refusal }] })
  expect(whyIdle(rig.state)).toEqual([{ code: 'refused', detail: 'node.banned' }])
})

test('a node that has asked waits for an answer, and passes on what it is', () => {
  const { rig } = joined()
  expect(codes(rig)).toEqual(['asking'])
  rig.hear(first, idle('memory')).hear(second, idle('no-unit'))
  expect(codes(rig.close(first))).toEqual(['no-work'])
  expect(whyIdle(rig.state)).toEqual([{ code: 'no-work', detail: 'no-unit' }])
})

test('a node whose unit is on its way says how far it is, and nothing while it runs', () => {
  const { rig } = joined()
  rig.hear(first, leaseOf(first, job.id, 0).message)
  expect(codes(rig)).toEqual(['fetching'])
  rig.hear(first, { type: 'job', job: job.signed })
  expect(codes(rig)).toEqual(['fetching'])
  expect(codes(rig.fetch(key))).toEqual([])
  expect(codes(rig.observe({ power: 'battery' }))).toEqual(['battery', 'frozen'])
  expect(codes(rig.observe({ power: 'mains' }))).toEqual([])
  rig.hear(first, { type: 'cancel', executions: [leaseOf(first, job.id, 0).execution] })
  expect(codes(rig)).toEqual(['ending'])
})

test('a node whose unit wants more than is free says so', () => {
  const { rig } = joined()
  rig.hear(first, leaseOf(first, job.id, 0).message).hear(first, { type: 'job', job: job.signed })
  rig.observe({ ramBytesFree: GB / 2 }).fetch(key)
  expect(codes(rig)).toEqual(['waiting'])
})

test('every reason that stands is told, with what the owner said first', () => {
  const limits = { ...ownLimits, programs: ['quake'] }
  const observations = { ...quietHour, power: 'battery' as const, programs: ['quake'] }
  const rig = new Rig({ limits, observations })
  rig.step({ type: 'order', order: 'pause' })
  expect(codes(rig)).toEqual(['paused', 'battery', 'program'])
  rig.step({ type: 'order', order: 'resume' })
  expect(codes(rig)).toEqual(['battery', 'program'])
})

test('it is told once, whenever it changes', () => {
  const { rig } = joined()
  const before = rig.told('idle').length
  rig.observe({ power: 'battery' }).observe({ power: 'battery' }).pass(5000)
  expect(rig.told('idle').slice(before)).toMatchObject([{ reasons: [{ code: 'battery' }] }])
})
