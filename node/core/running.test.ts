import { type Job, limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { GB, jobOn, leaseOf, ownLimits } from '../test/cast.ts'
import { joined, type Rig } from '../test/rig.ts'
import type { Limits } from './limits/limits.ts'
import { usedBy } from './load.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()

/** A node with units of one job, of which the data is there. */
function withUnits(
  count: number,
  needs: Partial<Job['resources']> = {},
  own: Partial<Limits> = {},
) {
  const { rig } = joined({ limits: { ...ownLimits, ...own } })
  const job = jobOn(first.chain, 'a job', needs)
  const leases = Array.from({ length: count }, (_, unit) => leaseOf(first, job.id, unit))
  rig.hear(first, ...leases.map(({ message }) => message))
  rig.hear(first, { type: 'job', job: job.signed })
  const keys = leases.map(({ execution }) => keyOf(first.id, execution))
  for (const { key } of rig.all('fetch')) rig.fetch(key)
  return { rig, keys, leases }
}

function stages(rig: Rig): string[] {
  return Array.from(rig.state.held.values(), ({ stage }) => stage)
}

describe('units run', () => {
  test('at once as far as there are cores, the others after them', () => {
    const { rig, keys } = withUnits(6)
    expect(stages(rig).filter((stage) => stage === 'executing')).toHaveLength(4)
    rig.passTalking(100, first, second).result(keys[0] ?? '')
    expect(rig.all('execute')).toMatchObject([{ key: keys[4], unit: 4 }])
  })

  test('at once as far as there is memory, in which the files of modules lie as well', () => {
    const { rig } = withUnits(4, { ramBytes: 3 * GB })
    expect(stages(rig)).toEqual(['executing', 'executing', 'ready', 'ready'])
    const { rig: withFiles } = withUnits(4, { ramBytes: 2 * GB, diskBytes: GB })
    expect(stages(withFiles)).toEqual(['executing', 'executing', 'ready', 'ready'])
    const { rig: without } = withUnits(4, { ramBytes: 2 * GB, diskBytes: 0 })
    expect(stages(without)).toEqual(Array(4).fill('executing'))
  })

  test('in the order of their leases, the large ones too', () => {
    const { rig, keys } = withUnits(3, { cores: 3 })
    const small = jobOn(first.chain, 'small')
    rig.hear(first, leaseOf(first, small.id, 0, { fence: 9 }).message)
    rig.hear(first, { type: 'job', job: small.signed })
    for (const { key } of rig.all('fetch')) rig.fetch(key)
    expect(stages(rig)).toEqual(['executing', 'ready', 'ready', 'ready'])
    expect(rig.result(keys[0] ?? '').all('execute')).toMatchObject([{ key: keys[1] }])
  })

  test('past one that does not fit at all now', () => {
    const { rig, keys } = withUnits(1, { cores: 4 }, { onReturn: 'finish' })
    rig.observe({ idleMs: 0 })
    const small = jobOn(first.chain, 'small')
    rig.result(keys[0] ?? '')
    const large = jobOn(first.chain, 'large', { cores: 4 })
    rig.observe({ idleMs: 3_600_000 }).passTalking(2000, first, second)
    rig.hear(first, leaseOf(first, large.id, 1).message, leaseOf(first, small.id, 2).message)
    rig.hear(first, { type: 'job', job: large.signed }, { type: 'job', job: small.signed })
    const fetches = rig.all('fetch')
    rig.observe({ idleMs: 0 })
    for (const { key } of fetches) rig.fetch(key)
    expect(rig.all('execute')).toMatchObject([{ unit: 2 }])
  })

  test('no more until one that was killed has ended', () => {
    const { rig, leases, keys } = withUnits(6)
    rig.hear(first, { type: 'cancel', executions: leases.slice(0, 1).map((one) => one.execution) })
    expect(rig.all('execute')).toEqual([])
    rig.executed(keys[0] ?? '', { type: 'failed', why: 'executor' })
    expect(rig.all('execute')).toMatchObject([{ key: keys[4] }])
    expect(rig.said(first)).toEqual([])
  })

  test('with their data alone, fetched as far as there is disk for it', () => {
    const { rig, keys } = withUnits(3, { diskBytes: 8 * GB })
    expect(stages(rig)).toEqual(['executing', 'executing', 'leased'])
    rig.result(keys[0] ?? '')
    expect(rig.all('fetch')).toMatchObject([{ key: keys[2] }])
  })
})

describe('units that take next to no time', () => {
  /** Three that run alone, and on the fourth core a lane of the rest. */
  function withLane() {
    const { rig, keys } = withUnits(8, { diskBytes: 0 })
    rig.result(keys[0] ?? '')
    return { rig, keys, lane: keys.slice(4) }
  }

  test('share a core, one after the other, as many as there are for it', () => {
    const { rig, lane } = withLane()
    const [first] = lane
    expect(rig.all('execute')).toMatchObject(lane.map((key) => ({ key, lane: first })))
  })

  test('leave to each core that is free its part of them', () => {
    const { rig, keys } = withUnits(8)
    rig.step({ type: 'order', order: 'pause' })
    for (const key of keys.slice(0, 2)) rig.result(key)
    rig.step({ type: 'order', order: 'resume' })
    const lanes = rig.all('execute').map(({ lane }) => keys.indexOf(lane ?? ''))
    expect(lanes).toEqual([4, 4, 6, 6])
  })

  test('stand still together, and go on together', () => {
    const { rig, keys, lane } = withLane()
    rig.observe({ idleMs: 0 })
    expect(rig.all('freeze').map(({ key }) => key)).toEqual([...lane, keys[3], keys[2]])
    for (const key of keys.slice(1, 3)) rig.result(key)
    expect(rig.result(keys[3] ?? '').all('thaw')).toMatchObject(lane.map((key) => ({ key })))
  })

  test('give their core back when the last of them has ended', () => {
    const { rig, lane } = withLane()
    const { cores } = usedBy(rig.state)
    for (const key of lane.slice(0, -1)) rig.step({ type: 'ran', key })
    expect(usedBy(rig.state).cores).toBe(cores)
    rig.step({ type: 'ran', key: lane.at(-1) ?? '' })
    expect(usedBy(rig.state).cores).toBe(cores - 1)
  })

  test('run again alone after something ended all of them; no failure is told', () => {
    const { rig, lane } = withLane()
    for (const key of lane) rig.executed(key, { type: 'beside' })
    expect(rig.saidOf('abort', first)).toEqual([])
    expect(stages(rig).filter((stage) => stage === 'executing')).toHaveLength(4)
    expect(rig.state.held.get(lane[0] ?? '')).toMatchObject({ stage: 'executing', alone: true })
    expect(rig.result(lane[0] ?? '').all('execute')).toMatchObject([{ key: lane[1] }])
    expect(rig.all('execute')[0]).not.toHaveProperty('lane')
  })

  test('go on after a pause in which something ended all of them', () => {
    const { rig, lane } = withLane()
    rig.step({ type: 'order', order: 'pause' })
    const frozen = rig.all('freeze').map(({ key }) => key)
    expect(frozen).toEqual(expect.arrayContaining(lane))
    const thawed = lane.flatMap((key) => {
      rig.executed(key, { type: 'beside' })
      return rig.all('thaw').map((one) => one.key)
    })
    expect(thawed).toEqual(lane)
  })

  test('have a core each where their job allows them little time', () => {
    const { rig, keys } = withUnits(8, { unitMs: 100 })
    expect(rig.result(keys[0] ?? '').all('execute')).toMatchObject([{ key: keys[4] }])
  })
})

describe('what its owner does not want any more', () => {
  test.each<[string, Partial<Limits>]>([
    [
      'for its publisher',
      { avoids: { projects: [], publishers: [jobOn(first.chain, 'x').job.publisher] } },
    ],
    ['for its project', { projects: ['ising'] }],
    ['for what runs it', { executors: { ...ownLimits.executors, wasm: false } }],
  ])('%s is given back, run or not', (_, own) => {
    const { rig, keys } = withUnits(6)
    rig.step({ type: 'limits', limits: { ...ownLimits, ...own } })
    expect(rig.saidOf('abort', first)).toHaveLength(6)
    expect(rig.all('kill').map(({ key }) => key)).toEqual(keys.slice(0, 4))
    expect(rig.all('execute')).toEqual([])
  })
})

describe('a unit without a result', () => {
  test.each(['time', 'memory', 'data', 'executor'] as const)('goes back for %s', (why) => {
    const { rig, keys } = withUnits(1)
    rig.executed(keys[0] ?? '', { type: 'failed', why })
    expect(rig.saidOf('abort', first)).toMatchObject([{ why, executions: [{ unit: 0 }] }])
    expect(rig.all('kill')).toEqual([])
    expect([rig.state.held.size, [...rig.disk.keys()].filter(isLease)]).toEqual([0, []])
  })

  test('goes back if its data cannot be had', () => {
    const { rig } = joined()
    const job = jobOn(first.chain, 'a job')
    rig.hear(first, leaseOf(first, job.id, 0).message)
    rig.hear(first, { type: 'job', job: job.signed })
    rig.fetch(rig.all('fetch')[0]?.key ?? '', false)
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'data' }])
    expect([rig.state.held.size, rig.all('kill')]).toEqual([0, []])
  })

  function isLease(name: string): boolean {
    return name.startsWith('lease/')
  }
})

describe('the owner returns', () => {
  test('and units stand still, the last first, until there is room again', () => {
    const { rig, keys } = withUnits(3, { diskBytes: 0 })
    rig.observe({ idleMs: 0 })
    expect(rig.all('pace')).toEqual([{ type: 'pace', cpuPercent: 50 }])
    expect(stages(rig)).toEqual(['executing', 'frozen', 'frozen'])
    rig.result(keys[0] ?? '')
    expect(rig.all('thaw')).toEqual([{ type: 'thaw', key: keys[1] }])
    rig.observe({ idleMs: 3_600_000 })
    expect(rig.all('thaw')).toEqual([{ type: 'thaw', key: keys[2] }])
  })

  test('and units go back at once, if that was chosen', () => {
    const { rig, keys } = withUnits(3, {}, { onReturn: 'abort' })
    rig.observe({ idleMs: 0 })
    expect(rig.all('kill').map(({ key }) => key)).toEqual([keys[2], keys[1]])
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'owner' }, { why: 'owner' }])
    rig.result(keys[2] ?? '')
    expect(rig.told('sealed')).toEqual([])
  })

  test('and units may end, if that was chosen; nothing begins', () => {
    const { rig, keys } = withUnits(5, {}, { onReturn: 'finish' })
    rig.observe({ idleMs: 0 })
    expect(stages(rig).slice(0, 4)).toEqual(Array(4).fill('executing'))
    for (const key of keys.slice(0, 3)) expect(rig.result(key).all('execute')).toEqual([])
    expect(rig.result(keys[3] ?? '').all('execute')).toMatchObject([{ key: keys[4] }])
  })

  test('and what stands still for long goes back', () => {
    const { rig } = withUnits(1)
    rig.observe({ power: 'battery' }).passTalking(limits.stillMs, first, second)
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'owner' }])
    expect(rig.all('kill')).toHaveLength(1)
  })

  test('and memory that is no longer lent is given up, which freezing would not do', () => {
    const { rig, keys } = withUnits(2, { ramBytes: 3 * GB })
    rig.observe({ idleMs: 0 })
    expect(rig.all('kill')).toEqual([{ type: 'kill', key: keys[1] }])
  })

  test('and what is being fetched goes back, if nothing is lent', () => {
    const { rig } = joined()
    const job = jobOn(first.chain, 'a job')
    rig.hear(first, leaseOf(first, job.id, 0).message)
    const [{ key = '' } = {}] = rig.hear(first, { type: 'job', job: job.signed }).all('fetch')
    rig.observe({ metered: true })
    expect([rig.all('kill'), rig.saidOf('abort', first)]).toMatchObject([[{ key }], [{}]])
    expect(rig.fetch(key).all('execute')).toEqual([])
    expect(rig.state.held.size).toBe(0)
  })
})

describe('the owner says', () => {
  test('pause, and all stands still, also where it might end; resume, and it goes on', () => {
    const { rig } = withUnits(4, {}, { onReturn: 'finish' })
    rig.step({ type: 'order', order: 'pause' })
    expect(stages(rig)).toEqual(Array(4).fill('frozen'))
    expect(rig.saidOf('offer', first)).toMatchObject([{ offer: { units: 0 } }])
    rig.step({ type: 'order', order: 'resume' })
    expect(stages(rig)).toEqual(Array(4).fill('executing'))
  })

  test('finish, and nothing new is taken, what runs ends, and the node says goodbye', () => {
    const { rig, keys } = withUnits(2)
    rig.step({ type: 'order', order: 'finish' })
    expect(rig.saidOf('offer', first)).toMatchObject([{ offer: { units: 0 } }])
    const late = leaseOf(first, jobOn(first.chain, 'late').id, 7).message
    expect(rig.hear(first, late).saidOf('abort', first)).toMatchObject([{ why: 'owner' }])
    rig.result(keys[0] ?? '')
    expect(rig.all('finished')).toEqual([])
    rig.result(keys[1] ?? '')
    expect(rig.all('finished')).toEqual([])
    expect(rig.saidOf('deliver', first)).toHaveLength(1)
    rig.passTalking(limits.leaseMs, first, second)
    expect(rig.all('finished')).toHaveLength(1)
    expect(rig.saidOf('bye', first)).toHaveLength(1)
  })

  test('stop, and all goes back at once', () => {
    const { rig } = withUnits(3)
    rig.step({ type: 'order', order: 'stop' })
    expect(rig.all('kill')).toHaveLength(3)
    expect(rig.saidOf('abort', first).map(({ why }) => why)).toEqual(Array(3).fill('shutdown'))
    expect(rig.all('finished')).toHaveLength(1)
    expect(rig.restarted().state.held.size).toBe(0)
    expect(rig.step({ type: 'tick' }).effects).toEqual([])
  })
})

test('an answer to what was not asked is a mistake of the shell', () => {
  const { rig, keys } = withUnits(1)
  expect(() => rig.fetch(keys[0] ?? '')).toThrow('nothing was being fetched')
  expect(() => rig.executed('another', { type: 'failed', why: 'time' })).toThrow(
    'nothing was executing',
  )
})
