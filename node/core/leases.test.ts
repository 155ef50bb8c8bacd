import {
  type FromCoordinator,
  type Lease,
  limits,
  type NodeId,
  type PublisherId,
  refusalOf,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { GB, jobOn, keyNamed, leaseOf, ownLimits, quietHour } from '../test/cast.ts'
import { joined, Rig } from '../test/rig.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()
const job = jobOn(first.chain, 'a job')
const lease = leaseOf(first, job.id, 0)
const key = keyOf(first.id, lease.execution)

/** The codes of what the node refused in the last step. */
function refused(rig: Rig): string[] {
  return rig.all('tell').flatMap(({ news }) => (news.type === 'refused' ? [news.refusal.code] : []))
}

function leased(): Rig {
  return joined().rig.hear(first, lease.message)
}

describe('a lease', () => {
  test('is kept before its job is asked for', () => {
    const rig = leased()
    expect(rig.effects.map(({ type }) => type).slice(0, 3)).toEqual(['keep', 'tell', 'send'])
    expect(rig.saidOf('ask', first)).toEqual([{ type: 'ask', jobs: [job.id] }])
  })

  test('asks for a job once, however many of its units are leased', () => {
    const rig = leased().hear(first, leaseOf(first, job.id, 1).message)
    expect(rig.saidOf('ask', first)).toEqual([])
    rig.hear(first, { type: 'job', job: job.signed })
    expect(rig.all('fetch')).toHaveLength(2)
    rig.hear(first, leaseOf(first, job.id, 2).message)
    expect(rig.all('fetch')).toHaveLength(1)
  })

  const forged = { ...lease.signed, signatures: [new Uint8Array(64)] }
  const wrong: [string, string, FromCoordinator][] = [
    ['whose signature is false', 'signature.false', { type: 'lease', lease: forged }],
    ['for another node', 'wire.message', of({ node: keyNamed('another').id as NodeId })],
    ['of another coordinator', 'lease.unknown', of({ coordinator: second.id })],
    ['of a chain that it does not write', 'lease.unknown', of({ chain: second.chain })],
    ['of another epoch', 'lease.unknown', of({ epoch: 1 })],
  ]

  function of(more: Partial<Lease>): FromCoordinator {
    return leaseOf(first, job.id, 0, more).message
  }

  test.each(wrong)('%s is refused with %s', (_, code, message) => {
    const rig = joined().rig.hear(first, message)
    expect(refused(rig)).toEqual([code])
    expect(rig.state.held.size).toBe(0)
    expect(rig.disk.size).toBe(2)
  })

  test('that was sent twice is one lease', () => {
    const rig = leased().hear(first, lease.message)
    expect([rig.state.held.size, refused(rig)]).toEqual([1, []])
  })

  test('that has ended does not begin anew', () => {
    const rig = leased().hear(first, { type: 'cancel', executions: [lease.execution] })
    expect(refused(rig.hear(first, lease.message))).toEqual(['lease.fenced'])
    expect(rig.state.held.size).toBe(0)
  })

  test('beyond what was offered is given back, and refused', () => {
    const { rig } = joined()
    const many = Array.from({ length: 9 }, (_, unit) => leaseOf(first, job.id, unit).message)
    rig.hear(first, ...many)
    expect(refused(rig)).toEqual(['wire.message'])
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'owner', executions: [{ unit: 8 }] }])
    expect(rig.state.held.size).toBe(8)
  })

  test('that crossed an offer of less is given back, and is nobody’s fault', () => {
    const { rig } = joined()
    rig.observe({ power: 'battery' }).hear(first, lease.message)
    expect(refused(rig)).toEqual([])
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'owner' }])
    rig.passTalking(limits.answerMs, first, second)
    expect(refused(rig.hear(first, leaseOf(first, job.id, 1).message))).toEqual(['wire.message'])
  })

  test('that crossed several offers, each of less, is nobody’s fault either', () => {
    const { rig } = joined()
    const many = Array.from({ length: 8 }, (_, unit) => leaseOf(first, job.id, unit).message)
    rig.observe({ idleMs: 0 }).hear(first, ...many.slice(0, 1))
    rig.observe({ power: 'battery' }).hear(first, ...many.slice(1, 2))
    rig
      .observe({ power: 'mains' })
      .observe({ power: 'battery' })
      .hear(first, ...many.slice(2))
    expect(refused(rig)).toEqual([])
  })

  test('under a later fence ends the one before it', () => {
    const rig = leased().hear(first, leaseOf(first, job.id, 0, { fence: 9 }).message)
    expect(rig.told('ended')).toMatchObject([{ key, without: 'cancelled' }])
    expect([...rig.state.held.values()].map((held) => held.lease.fence)).toEqual([9])
  })

  test('before the welcome breaks the stream off', () => {
    const rig = new Rig().open(first)
    rig.hear(first, lease.message)
    expect(rig.all('hangUp')).toMatchObject([{ refusal: { code: 'wire.message' } }])
  })

  test('on a stream that is being drained is given back', () => {
    const { rig } = joined()
    rig.hear(first, lease.message, { type: 'drain', refusal: refusalOf('wire.closing') })
    rig.hear(first, leaseOf(first, job.id, 1).message)
    expect([refused(rig), rig.saidOf('abort', first).length]).toEqual([['wire.message'], 1])
  })
})

describe('a job', () => {
  test.each([
    ['that nobody asked for', jobOn(first.chain, 'another').signed, 'wire.message'],
    [
      'whose signature is false',
      { ...job.signed, signatures: [new Uint8Array(64)] },
      'signature.false',
    ],
  ])('%s is refused', (_, signed, code) => {
    const rig = leased().hear(first, { type: 'job', job: signed })
    expect(refused(rig)).toEqual([code])
    expect(rig.state.jobs.size).toBe(0)
  })

  test('that never comes costs the lease its place', () => {
    const rig = leased().passTalking(2 * limits.answerMs, first, second)
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'data' }])
  })

  test('is asked for again on the next stream', () => {
    const rig = leased().comeBack(first, second)
    expect(rig.saidOf('ask', first)).toHaveLength(1)
  })

  const oneUnit = [{ type: 'values', name: 'a', values: ['1'] }] as const
  const beyond: [string, ReturnType<typeof jobOn>, string, string][] = [
    ['of another home', jobOn(second.chain, 'b'), 'lease.unknown', 'data'],
    [
      'without such a unit',
      jobOn(first.chain, 'c', {}, { sweep: oneUnit }),
      'document.rule',
      'data',
    ],
    ['with more cores', jobOn(first.chain, 'd', { cores: 5 }), 'wire.message', 'owner'],
    ['with more memory', jobOn(first.chain, 'e', { ramBytes: 9 * GB }), 'wire.message', 'owner'],
    ['with more disk', jobOn(first.chain, 'f', { diskBytes: 21 * GB }), 'wire.message', 'owner'],
    ['with accelerators', jobOn(first.chain, 'g', { gpus: 1 }), 'wire.message', 'owner'],
  ]
  test.each(beyond)('%s is beyond what was offered', (_, { id, signed }, code, why) => {
    const { rig } = joined()
    rig.hear(first, leaseOf(first, id, 5).message).hear(first, { type: 'job', job: signed })
    expect(refused(rig)).toEqual([code])
    expect(rig.saidOf('abort', first)).toMatchObject([{ why }])
    expect([rig.state.held.size, rig.all('fetch')]).toEqual([0, []])
  })

  const wishes: [string, Partial<typeof ownLimits>][] = [
    ['of a publisher that is avoided', avoid({ publishers: [job.job.publisher as PublisherId] })],
    ['of a project that is avoided', avoid({ projects: ['mining'] })],
    ['of no project that is wanted', { projects: ['ising'] }],
    ['of no publisher that is wanted', { publishers: [first.id as string as PublisherId] }],
  ]

  function avoid(avoids: Partial<typeof ownLimits.avoids>): Partial<typeof ownLimits> {
    return { avoids: { projects: [], publishers: [], ...avoids } }
  }

  test.each(wishes)('%s is beyond what was offered', (_, own) => {
    const { rig } = joined({ limits: { ...ownLimits, ...own } })
    const mining = jobOn(first.chain, 'm', {}, { project: 'mining' })
    rig.hear(first, leaseOf(first, mining.id, 0).message)
    rig.hear(first, { type: 'job', job: mining.signed })
    expect(refused(rig)).toEqual(['wire.message'])
  })

  test('of an image that the owner did not allow is given back, and nobody’s fault', () => {
    const image = `x@sha256:${'0'.repeat(64)}`
    const executors = [{ type: 'docker' as const, image, command: [], env: {}, ignoreError: false }]
    const pinned = jobOn(first.chain, 'p', {}, { executors })
    const machine = {
      ...joined().rig.setting.machine,
      executors: [{ type: 'docker' as const, isolation: 'runc' as const, anyImage: true }],
    }
    for (const images of [[], [image]]) {
      const allowed = { ...ownLimits, executors: { ...ownLimits.executors, images } }
      const { rig } = joined({ machine, limits: allowed })
      rig.hear(first, leaseOf(first, pinned.id, 0).message)
      rig.hear(first, { type: 'job', job: pinned.signed })
      expect(refused(rig)).toEqual([])
      expect(rig.saidOf('abort', first)).toHaveLength(images.length === 0 ? 1 : 0)
    }
  })
})

describe('the end of a lease', () => {
  function executing(): Rig {
    return leased().hear(first, { type: 'job', job: job.signed }).fetch(key)
  }

  test('is put off by renewals at a third of it, while the coordinator is there', () => {
    const rig = executing()
    rig.passTalking(600_000, first, second)
    expect(rig.saidOf('renew', first)).toHaveLength(30)
    expect(rig.state.held.get(key)?.stage).toBe('executing')
  })

  test('comes if nothing confirms a renewal', () => {
    const rig = executing()
    rig.passTalking(20_000, second)
    expect(rig.saidOf('renew', first)).toHaveLength(1)
    rig.passTalking(39_999, second)
    expect(rig.all('kill')).toEqual([])
    rig.passTalking(1, second)
    expect(rig.all('kill')).toEqual([{ type: 'kill', key }])
    expect(rig.told('ended')).toMatchObject([{ without: 'expired' }])
    expect(rig.disk.has(`lease/${key}`)).toBe(false)
  })

  test('is counted from when the confirmed renewal was sent', () => {
    const rig = executing().passTalking(20_000, second)
    rig.pass(9_000).hear(first, { type: 'alive' }).passTalking(50_999, second)
    expect(rig.all('kill')).toEqual([])
    expect(rig.passTalking(1, second).all('kill')).toHaveLength(1)
  })

  test('by a cancel stops the execution at once', () => {
    const rig = executing().hear(first, { type: 'cancel', executions: [lease.execution] })
    expect(rig.all('kill')).toEqual([{ type: 'kill', key }])
    expect(rig.all('forget')).toEqual([{ type: 'forget', name: `lease/${key}` }])
  })

  test('is not for another coordinator to say', () => {
    const rig = executing().hear(second, { type: 'cancel', executions: [lease.execution] })
    expect(rig.all('kill')).toEqual([])
  })

  test('by a no of its coordinator stops the execution, by a wait it does not', () => {
    const say = (code: 'wire.full' | 'lease.fenced'): FromCoordinator => ({
      type: 'refuse',
      refusal: refusalOf(code),
      execution: lease.execution,
    })
    const rig = executing().hear(first, say('wire.full'))
    expect(rig.all('kill')).toEqual([])
    expect(rig.hear(first, say('lease.fenced')).all('kill')).toHaveLength(1)
  })

  test('comes when the unit has had its time', () => {
    const brief = jobOn(first.chain, 'brief', { unitMs: 90_000 })
    const { rig } = joined()
    rig.hear(first, leaseOf(first, brief.id, 0).message)
    rig.hear(first, { type: 'job', job: brief.signed })
    const [only = ''] = rig.state.held.keys()
    rig.fetch(only).passTalking(89_999, first, second)
    expect(rig.all('kill')).toEqual([])
    rig.passTalking(1, first, second)
    expect([rig.all('kill').length, rig.saidOf('abort', first)]).toMatchObject([
      1,
      [{ why: 'time' }],
    ])
  })

  test('comes when it has stood still for long: without its data, or without room', () => {
    const stuck = leased().hear(first, { type: 'job', job: job.signed })
    stuck.passTalking(limits.stillMs, first, second)
    expect(stuck.saidOf('abort', first)).toMatchObject([{ why: 'data' }])
    const large = jobOn(first.chain, 'large', { cores: 4 })
    const { rig } = joined()
    rig.hear(first, leaseOf(first, large.id, 0).message)
    rig.hear(first, { type: 'job', job: large.signed })
    rig.observe({ ...quietHour, ramBytesFree: 9e9 })
    const [only = ''] = rig.state.held.keys()
    rig.step({ type: 'limits', limits: { ...ownLimits, onReturn: 'finish' } })
    rig.observe({ idleMs: 0 }).fetch(only)
    rig.passTalking(limits.stillMs, first, second)
    expect(rig.saidOf('abort', first)).toMatchObject([{ why: 'owner' }])
  })

  test('is survived by a broken stream, if the coordinator is found again in time', () => {
    const rig = executing().comeBack(first, second)
    expect(rig.saidOf('hold', first)).toEqual([{ type: 'hold', leases: [lease.signed] }])
    expect(rig.saidOf('renew', first)).toHaveLength(1)
    rig.passTalking(120_000, first, second)
    expect(rig.state.held.get(key)?.stage).toBe('executing')
  })
})

test('a coordinator that is refused too often is let go', () => {
  const { rig } = joined()
  const forged = { ...lease.signed, signatures: [new Uint8Array(64)] }
  const message: FromCoordinator = { type: 'lease', lease: forged }
  rig.hear(first, ...Array.from({ length: limits.refusedMax - 1 }, () => message))
  expect(rig.all('hangUp')).toEqual([])
  expect(rig.hear(first, message).all('hangUp')).toHaveLength(1)
})
