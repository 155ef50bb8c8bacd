import { type ChainId, limits, refusalOf } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { beaconOf, digestNamed, jobOn, leaseOf, quietHour, writers } from '../test/cast.ts'
import { joined, Rig } from '../test/rig.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()
const third = writers.find(({ id }) => id !== first.id && id !== second.id) ?? first
/** Goes on with the chain of the first. */
const successor = { ...second, chain: first.chain }
const alone = { members: [{ coordinator: first.id, addresses: [] }], quorum: 1 }
const job = jobOn(first.chain, 'a job')
const { execution, message, signed } = leaseOf(first, job.id, 0)
const key = keyOf(first.id, execution)

/** The second says that it writes an epoch of the chain of the first. */
function claim(rig: Rig, epoch = 1): Rig {
  const says = { chain: first.chain, epoch }
  return rig.step({ type: 'beacon', beacon: beaconOf(second, rig.moment().time, says) })
}

/** A node that runs a unit of the first. */
function running(): Rig {
  const { rig } = joined()
  return rig.hear(first, message).hear(first, { type: 'job', job: job.signed }).fetch(key)
}

describe('a lease of a coordinator that is gone', () => {
  test('is shown to whoever goes on with its chain, and runs on', () => {
    const rig = claim(running().close(first)).open(successor).welcome(successor, 1)
    expect(rig.saidOf('hold', successor)).toEqual([{ type: 'hold', leases: [signed] }])
    expect(rig.saidOf('renew', successor)).toEqual([{ type: 'renew', executions: [execution] }])
    rig.passTalking(10 * limits.leaseMs, second, successor)
    expect(rig.state.held.get(key)?.stage).toBe('executing')
    expect(rig.result(key).saidOf('deliver', successor)).toMatchObject([{ lease: signed }])
    expect(rig.saidOf('deliver', second)).toEqual([])
  })

  test('ends with its time where nobody goes on', () => {
    const rig = running().close(first)
    rig.passTalking(limits.leaseMs, second)
    expect(rig.told('ended')).toMatchObject([{ key, without: 'expired' }])
  })

  test('is stopped by nobody else while its giver is there', () => {
    const rig = claim(running()).open(successor).welcome(successor, 1)
    expect(rig.saidOf('hold', successor)).toEqual([])
    rig.hear(successor, { type: 'cancel', executions: [execution] })
    expect(rig.told('ended')).toEqual([])
    rig.close(first).hear(successor, { type: 'cancel', executions: [execution] })
    expect(rig.told('ended')).toMatchObject([{ key, without: 'cancelled' }])
  })

  test('gives way to one of the same slot in the next epoch', () => {
    const rig = claim(running().close(first)).open(successor).welcome(successor, 1)
    rig.hear(second, { type: 'idle', reasons: [{ code: 'no-unit' }], retryMs: 60_000 })
    rig.hear(successor, leaseOf(successor, job.id, 0, { epoch: 1, fence: 1 }).message)
    expect(rig.told('ended')).toMatchObject([{ key, without: 'cancelled' }])
  })
})

describe('who writes a chain', () => {
  test('is asked for while there is something to say about it and nobody to say it to', () => {
    const rig = running().close(first)
    const times: number[] = []
    for (let ms = 0; ms < 40_000; ms += 500) {
      rig.passTalking(500, second)
      if (rig.all('seek').length > 0) times.push(ms + 500)
    }
    expect(times).toEqual([2500, 7500, 17_500, 37_500])
    claim(rig).open(successor).welcome(successor, 1)
    expect(rig.passTalking(3_600_000, second, successor).all('seek')).toEqual([])
  })

  test('is asked for by nobody who has nothing to say', () => {
    const { rig } = joined()
    expect(rig.close(first).passTalking(60_000, second).all('seek')).toEqual([])
  })

  test('is no longer who says that it was sealed, until it tells a later epoch', () => {
    const rig = running().result(key).close(first)
    const dialled = () => rig.all('dial').filter(({ coordinator }) => coordinator === first.id)
    while (dialled().length === 0) rig.passTalking(100, second)
    rig.open(first).hear(first, { type: 'refuse', refusal: refusalOf('ledger.sealed') })
    rig.passTalking(3_600_000, second)
    expect(dialled()).toEqual([])
    const again = beaconOf(first, rig.moment().time, { epoch: 2 })
    expect(dialled().concat(rig.step({ type: 'beacon', beacon: again }).all('dial'))).toHaveLength(
      1,
    )
  })

  test('is the founder, whatever was heard of the chain before', () => {
    const rig = new Rig({ roster: alone })
    const early = beaconOf(first, rig.moment().time, { epoch: 3 })
    rig.step({ type: 'beacon', beacon: early }).open(first)
    expect(rig.saidOf('hello', first)).toMatchObject([{ type: 'hello' }])
    expect(rig.saidOf('hello', first)[0]).not.toHaveProperty('chain')
    rig.welcome(first, 3)
    const ofFirst = [...rig.state.contacts.values()].filter((one) => one.coordinator === first.id)
    expect(ofFirst).toMatchObject([{ key: first.id, writes: { chain: first.chain, epoch: 3 } }])
    rig.close(first).pass(2000)
    expect(rig.open(first).saidOf('hello', first)).toMatchObject([{ chain: first.chain }])
  })

  test('says so of its own chain in the welcome, not of another', () => {
    const rig = new Rig({ roster: alone }).join(first)
    rig.close(first).pass(2000)
    rig.open(first).hear(first, {
      ...{ type: 'welcome', chain: second.chain, epoch: 0, renewMs: 20_000, time: 0 },
    })
    expect(rig.told('refused')).toMatchObject([{ refusal: { code: 'wire.message' } }])
  })

  test('is remembered over a restart', () => {
    const rig = claim(running().close(first)).open(successor).welcome(successor, 1)
    const again = rig.restarted()
    const keys = again.all('dial').map(({ stream }) => {
      const found = [...again.state.contacts.values()].find(({ link }) => {
        return link.stage === 'dialling' && link.stream === stream
      })
      return found?.key
    })
    expect(keys).toContain(`${second.id}/${first.chain}`)
    expect(again.open(successor).saidOf('hello', successor)).toMatchObject([{ chain: first.chain }])
  })

  test('is believed of no more chains than there may be members', () => {
    const { rig } = joined()
    for (let i = 0; i < 3 * limits.rosterMax; i++) {
      const chain = digestNamed<ChainId>(`claim ${i}`)
      const beacon = beaconOf(second, rig.moment().time + i, { chain, epoch: 1 })
      rig.step({ type: 'beacon', beacon })
    }
    expect(rig.state.contacts.size).toBe(writers.length + limits.rosterMax)
  })

  test('has room for what has units, and forgets what is at rest', () => {
    const { rig } = joined()
    let issued = rig.moment().time
    const hear = (name: string, openUnits = 0) => {
      const chain = digestNamed<ChainId>(name)
      const beacon = beaconOf(second, issued++, { chain, epoch: 1, openUnits })
      rig.step({ type: 'beacon', beacon })
      return `${second.id}/${chain}`
    }
    const resting = Array.from({ length: limits.rosterMax }, (_, i) => hear(`resting ${i}`))
    const working = hear('working', 5)
    expect(rig.state.contacts.has(working)).toBe(true)
    expect(resting.filter((key) => rig.state.contacts.has(key))).toEqual(resting.slice(1))
    for (let i = 0; i < 2 * limits.rosterMax; i++) hear(`later ${i}`)
    expect(rig.state.contacts.has(working)).toBe(true)
    expect(rig.state.contacts.size).toBe(writers.length + limits.rosterMax)
  })

  test('forgets neither what something is owed on nor what there is a stream to', () => {
    const { rig } = joined()
    let issued = rig.moment().time
    const hear = (name: string) => {
      const chain = digestNamed<ChainId>(name)
      const beacon = beaconOf(second, issued++, { chain, epoch: 1, openUnits: 0 })
      rig.step({ type: 'beacon', beacon })
      return { chain, key: `${second.id}/${chain}` }
    }
    const [owed, streamed] = [hear('owed'), hear('streamed')]
    // It was not reached a moment ago.
    Object.assign(rig.state.contacts.get(owed.key) ?? {}, { dialAt: Number.MAX_SAFE_INTEGER })
    rig.state.keptOf.set(owed.chain, new Map() as never)
    Object.assign(rig.state.contacts.get(streamed.key)?.link ?? {}, { stage: 'dialling' })
    for (let i = 0; i < 2 * limits.rosterMax; i++) hear(`later ${i}`)
    for (const { key } of [owed, streamed]) expect(rig.state.contacts.has(key)).toBe(true)
  })
})

describe('streams', () => {
  test('go to two coordinators, also when one of them writes two chains', () => {
    const rig = claim(running().close(first)).join(third)
    rig.open(successor).welcome(successor, 1)
    rig.passTalking(2 * limits.lingerMs, second, third, successor)
    const open = [...rig.state.contacts.values()].filter(({ link }) => link.stage === 'open')
    expect(new Set(open.map(({ coordinator }) => coordinator)).size).toBe(2)
  })

  test('go to who has work, where all those that there are have none', () => {
    const rig = new Rig().join(first, second)
    const idle = { type: 'idle', reasons: [{ code: 'no-unit' }], retryMs: 3_600_000 } as const
    rig.hear(first, idle).hear(second, idle)
    rig.join(third).hear(third, idle)
    const full = () => beaconOf(second, rig.moment().time, { chain: first.chain, epoch: 1 })
    expect(rig.step({ type: 'beacon', beacon: full() }).all('dial')).toHaveLength(1)
    rig.join(successor).hear(successor, idle)
    // There is no place for one more: one that has nothing makes room.
    const another = { ...third, chain: first.chain }
    rig.step({ type: 'beacon', beacon: beaconOf(third, rig.moment().time, { chain: first.chain }) })
    expect(rig.all('hangUp')).toHaveLength(1)
    rig.join(another)
    expect(rig.saidOf('offer', another).length).toBeGreaterThanOrEqual(0)
  })
})

test('what is free is offered by need, and to nobody who has none', () => {
  const taken = new Map([first, second].map(({ id }) => [id, 0]))
  for (let i = 0; i < 160; i++) {
    const rig = new Rig({ observations: { ...quietHour, power: 'battery' } })
    const { time } = rig.moment()
    rig.step({ type: 'beacon', beacon: beaconOf(first, time, { openUnits: 1000 }) })
    rig.step({ type: 'beacon', beacon: beaconOf(second, time, { openUnits: 10 }) })
    rig.observe({ power: 'mains', idleMs: 0 }).join(first, second).observe({ power: 'battery' })
    rig.draw = (i / 160) * 2 ** 32
    rig.observe({ power: 'mains', idleMs: 0 })
    for (const { id } of [first, second]) {
      const writer = id === first.id ? first : second
      if (rig.saidOf('offer', writer).some(({ offer }) => offer.units > 0)) {
        taken.set(id, (taken.get(id) ?? 0) + 1)
      }
    }
  }
  // 11 bits of units against 5.
  expect([taken.get(first.id), taken.get(second.id)]).toEqual([110, 50])
})
