import { accounts, type ChainId, type Job, jobId, type PublisherId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { inContainers, keyNamed, noon, sweepOf } from '../test/cast.ts'
import { codeOf, Rig } from '../test/rig.ts'
import type { Rules } from './setting.ts'

const ada = keyNamed('ada').id as PublisherId

/** What somebody is answered who publishes a job. */
function answerTo(more: Partial<Job>, rules: Partial<Rules> = {}): string {
  const rig = new Rig({}, { rules })
  return codeOf(rig.ask({ type: 'publish', job: rig.job(more) }))
}

describe('a job is refused', () => {
  test('if its home is another chain', () => {
    const home = 'f'.repeat(64) as ChainId
    expect(answerTo({ home })).toBe('request.audience')
  })

  test('from the moment after it expires', () => {
    const rig = new Rig()
    const [soon, late] = [rig.job({ expires: noon + 1000 }), rig.job({ expires: noon + 999 })]
    rig.pass(1000)
    expect(codeOf(rig.ask({ type: 'publish', job: soon }))).toBe('done')
    expect(codeOf(rig.ask({ type: 'publish', job: late }))).toBe('request.expired')
  })

  test('if its deadline is over', () => {
    const rig = new Rig()
    const job = rig.job({ deadline: noon + 1000 })
    rig.pass(1000)
    expect(codeOf(rig.ask({ type: 'publish', job }))).toBe('request.expired')
  })

  test('if its publisher used the nonce for another', () => {
    const rig = new Rig()
    const nonce = new Uint8Array(16).fill(7)
    rig.publish({ nonce })
    expect(codeOf(rig.ask({ type: 'publish', job: rig.job({ nonce }) }))).toBe('job.conflict')
    expect(codeOf(rig.ask({ type: 'publish', job: rig.job({ nonce }, 'eve') }))).toBe('done')
  })

  test('if its signature is not that of its publisher', () => {
    const rig = new Rig()
    const { signatures } = rig.job({}, 'eve')
    const job = { ...rig.job(), signatures }
    expect(codeOf(rig.ask({ type: 'publish', job }))).toBe('signature.false')
  })

  test.each<[string, string, Partial<Rules>]>([
    ['its publisher is denied', 'job.denied', { denied: new Set([ada]) }],
    [
      'others are allowed alone',
      'job.denied',
      { publishers: new Set([keyNamed('eve').id as PublisherId]) },
    ],
    ['its publisher may have no job', 'job.quota', { jobsMax: 0 }],
    ['its publisher may have fewer units', 'job.quota', { unitsMax: 9 }],
    ['it has no budget and needs one', 'job.unfunded', { fundedOnly: true }],
  ])('if %s', (_, code, rules) => {
    expect(answerTo(sweepOf(10))).toBe('done')
    expect(answerTo(sweepOf(10), rules)).toBe(code)
  })

  test('if its publisher has less credit than its budget', () => {
    expect(answerTo({ budgetMicro: 10 ** 9 })).toBe('credit.short')
  })

  test.each([
    ['of a module', { resources: { fuel: 2e9 } }, 2 * 2000],
    ['of a module that three must agree on', { resources: { fuel: 2e9 }, quorum: 3 }, 3 * 2000],
    ['of a container, for a minute', { containers: true }, 2 * 600],
  ] as const)('if its budget does not pay one unit %s', (_, wish, least) => {
    const rig = rich()
    const job = (budgetMicro: number) => {
      const what =
        'containers' in wish ? inContainers : { resources: rig.resources(wish.resources) }
      const replicas = 'quorum' in wish ? { replicas: { quorum: wish.quorum, max: 5 } } : {}
      return rig.job({ ...what, ...replicas, budgetMicro }, 'kim')
    }
    const refused = rig.ask({ type: 'publish', job: job(least - 1) })
    expect(refused).toMatchObject({ refusal: { code: 'job.unfunded', at: 'budget' } })
    expect(codeOf(rig.ask({ type: 'publish', job: job(least) }))).toBe('done')
  })

  test('while the coordinator goes', () => {
    const rig = new Rig()
    rig.step({ type: 'drain' })
    expect(codeOf(rig.ask({ type: 'publish', job: rig.job() }))).toBe('wire.closing')
  })

  test('and nothing is written of it', () => {
    const rig = new Rig({}, { rules: { jobsMax: 0 } })
    const before = rig.entries.length
    rig.ask({ type: 'publish', job: rig.job() })
    expect(rig.entries.length).toBe(before)
    expect(rig.rows.size).toBe(1)
  })
})

describe('a job is admitted', () => {
  test('of a publisher who is on the list', () => {
    expect(answerTo({}, { publishers: new Set([ada]) })).toBe('done')
  })

  test('once, however often it comes: the answer is the same, after its end too', () => {
    const rig = new Rig()
    rig.join('kim')
    rig.join('ann')
    const job = rig.job()
    const first = rig.ask({ type: 'publish', job })
    expect(first).toMatchObject({ type: 'done', seq: expect.any(Number) })
    expect(rig.ask({ type: 'publish', job })).toEqual(first)
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(70_000)
    expect(rig.news).toContainEqual({ type: 'ended', job: jobId(job), as: 'final' })
    expect(rig.ask({ type: 'publish', job })).toEqual(first)
    expect(rig.factsOf('job').length).toBe(1)
  })

  test('with its budget in escrow', () => {
    const rig = rich()
    const before = rig.credit('kim')
    const resources = rig.resources({ fuel: 1e9 })
    const id = rig.publish({ budgetMicro: 3000, resources }, 'kim')
    expect(rig.balance(accounts.escrow(id))).toBe(3000)
    expect(rig.credit('kim')).toBe(before - 3000)
  })

  test('at the price of the rate card, if it is one of containers', () => {
    const rig = new Rig()
    rig.publish(inContainers)
    // An hour of one core, at 10 a second.
    expect(rig.factsOf('job')).toEqual([expect.objectContaining({ priceMicro: 36_000 })])
  })
})

describe('the quota of a publisher', () => {
  test('is free again when a job has ended', () => {
    const rig = new Rig({}, { rules: { jobsMax: 1 } })
    rig.join('kim')
    rig.join('ann')
    rig.publish()
    expect(codeOf(rig.ask({ type: 'publish', job: rig.job() }))).toBe('job.quota')
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(70_000)
    expect(codeOf(rig.ask({ type: 'publish', job: rig.job() }))).toBe('done')
  })

  test('counts units until they are decided, or given up with their job', () => {
    const rig = new Rig({}, { rules: { unitsMax: 10 } })
    rig.publish()
    const id = rig.publish(sweepOf(9))
    const more = () => codeOf(rig.ask({ type: 'publish', job: rig.job() }))
    expect(more()).toBe('job.quota')
    expect(rig.act('ada', { type: 'cancel', job: id })).toBe('done')
    expect(more()).toBe('done')
  })

  test('is the same after a restart', () => {
    const rig = new Rig({}, { rules: { unitsMax: 10 } })
    rig.publish(sweepOf(10))
    rig.restart()
    expect(codeOf(rig.ask({ type: 'publish', job: rig.job() }))).toBe('job.quota')
  })
})

/** A rig in which kim has earned something. */
function rich(): Rig {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  rig.publish(sweepOf(4))
  rig.work({ kim: 'right', ann: 'right' })
  rig.pass(70_000)
  return rig
}
