import { limits, refusalOf } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { beaconOf, kim, noon, quietHour, type Writer, writers } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

/** Whom the last step dialled. */
function dialled(rig: Rig): Writer[] {
  return rig.all('dial').map(({ coordinator }) => {
    const found = writers.find(({ id }) => id === coordinator)
    if (found === undefined) throw new Error('it dialled a stranger')
    return found
  })
}

/** The coordinators in the order in which a node that knows none of them prefers them. */
function preferred(): [Writer, Writer, Writer] {
  const [first = kim, second = kim] = dialled(new Rig())
  const third = writers.find((one) => one !== first && one !== second) ?? kim
  return [first, second, third]
}

const [first, second, third] = preferred()
const alone = { members: [{ coordinator: first.id, addresses: [] }], quorum: 1 }

/** How long a node waits that has no other coordinator, when the stream to it fails. */
function pauseOf(rig: Rig): number {
  rig.close(first)
  const pause = rig.state.wakeAt - rig.at
  expect(dialled(rig.pass(pause - 1))).toEqual([])
  expect(dialled(rig.pass(1))).toEqual([first])
  return pause
}

const idle = (retryMs: number) =>
  ({ type: 'idle', reasons: [{ code: 'no-unit' }], retryMs }) as const

describe('a node that knows nobody', () => {
  test('dials two coordinators, the same two each time', () => {
    expect(new Set([first, second]).size).toBe(2)
    expect(preferred()).toEqual([first, second, third])
  })

  test('says hello on each stream, and offers each unit once', () => {
    const rig = new Rig()
    expect(rig.open(first).saidOf('hello', first)).toMatchObject([{ offer: { units: 4 } }])
    expect(rig.open(second).saidOf('hello', second)).toMatchObject([{ offer: { units: 0 } }])
  })

  test('dials nobody while it lends nothing', () => {
    const rig = new Rig({ observations: { ...quietHour, power: 'battery' } })
    expect(rig.all('dial')).toEqual([])
    expect(dialled(rig.observe({ power: 'mains' }))).toHaveLength(2)
  })
})

describe('a stream', () => {
  test('that cannot be opened is tried again, after pauses that double', () => {
    const rig = new Rig({ roster: alone })
    const pauses = Array.from({ length: 12 }, () => pauseOf(rig))
    expect(pauses).toEqual([
      ...[500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000],
      ...[150_000, 150_000, 150_000],
    ])
  })

  test('waits with chance in the pause', () => {
    const wakes = [0, 2 ** 31, 2 ** 32 - 1].map((draw) => {
      const rig = new Rig({ roster: alone })
      rig.draw = draw
      return pauseOf(rig)
    })
    expect(wakes).toEqual([500, 750, 1000])
  })

  test('that fails gives its place to the next coordinator', () => {
    const rig = new Rig()
    expect(dialled(rig.close(first))).toEqual([third])
  })

  test('is let go if it does not open, or if nobody welcomes the node, in time', () => {
    const rig = new Rig()
    rig.open(first)
    expect(rig.pass(limits.helloMs - 1).all('hangUp')).toEqual([])
    expect(rig.pass(1).all('hangUp')).toMatchObject([{ refusal: { code: 'wire.deadline' } }])
    expect(rig.pass(limits.answerMs).all('hangUp').length).toBeGreaterThan(0)
  })

  test('on which nothing is said any more is let go', () => {
    const rig = new Rig().join(first, second)
    rig.pass(limits.idleMs - 1)
    expect(rig.all('hangUp')).toEqual([])
    expect(rig.pass(1).all('hangUp')).toHaveLength(2)
    expect(rig.told('lost')).toHaveLength(2)
  })

  test('is kept alive by the node', () => {
    const rig = new Rig().join(first, second)
    rig.passTalking(60_000, first, second)
    expect(rig.saidOf('alive', first)).toHaveLength(3)
  })

  test('that held for long clears the failures before it', () => {
    const rig = new Rig({ roster: alone })
    for (let i = 0; i < 5; i++) pauseOf(rig)
    rig.join(first).passTalking(limits.steadyMs - 1, first)
    expect(pauseOf(rig)).toBe(16_000)
    rig.join(first).passTalking(limits.steadyMs, first)
    expect(pauseOf(rig)).toBe(500)
  })

  test('that is of the past is not heard', () => {
    const rig = new Rig().join(first, second)
    const stream = rig.streamTo(first)
    rig.close(first)
    rig.step({ type: 'heard', stream, messages: [{ type: 'alive' }] })
    rig.step({ type: 'opened', stream })
    expect(rig.step({ type: 'closed', stream }).all('dial')).toEqual([])
  })
})

describe('a coordinator', () => {
  test('that welcomed the node before is preferred after a restart', () => {
    const rig = new Rig().join(first, second)
    rig.close(first)
    rig.join(third)
    rig.disk.delete(`coordinator/${first.id}`)
    expect(new Set(dialled(rig.restarted()))).toEqual(new Set([second, third]))
  })

  test('that has open units by its beacon is preferred to one that nothing is known of', () => {
    const rig = new Rig({ observations: { ...quietHour, power: 'battery' } })
    rig.step({ type: 'beacon', beacon: beaconOf(third, noon) })
    expect(dialled(rig.observe({ power: 'mains' }))).toEqual([third, first])
  })

  test.each([
    ['of another mesh', beaconOf(third, noon, { mesh: third.chain as never })],
    ['that is too old', beaconOf(third, noon - limits.beaconMsMax)],
    ['from the future', beaconOf(third, noon + 10 * limits.clockSkewMs)],
    ['whose signature is false', { ...beaconOf(third, noon), signatures: [new Uint8Array(64)] }],
  ])('gains nothing by a beacon %s', (_, beacon) => {
    const rig = new Rig({ observations: { ...quietHour, power: 'battery' } })
    rig.step({ type: 'beacon', beacon })
    expect(dialled(rig.observe({ power: 'mains' }))).toEqual([first, second])
  })

  test('is tried beyond two when those have nothing, and left when it is of no use', () => {
    const rig = new Rig().join(first, second)
    rig.hear(first, idle(3_600_000))
    expect(dialled(rig)).toEqual([])
    rig.hear(second, idle(3_600_000))
    expect(dialled(rig)).toEqual([third])
    rig.join(third).hear(third, idle(3_600_000))
    rig.passTalking(limits.lingerMs, first, second, third)
    expect(rig.saidOf('bye', third)).toHaveLength(1)
    expect(rig.all('hangUp')).toHaveLength(1)
    expect(rig.state.contacts.get(first.id)?.link.stage).toBe('open')
  })

  test('that has nothing by its beacon is not tried beyond two', () => {
    const rig = new Rig().join(first, second)
    rig.step({ type: 'beacon', beacon: beaconOf(third, rig.moment().time, { openUnits: 0 }) })
    rig.hear(first, idle(60_000)).hear(second, idle(60_000))
    expect(dialled(rig)).toEqual([])
  })

  test('that drains is left, and another dialled', () => {
    const rig = new Rig().join(first, second)
    rig.hear(first, { type: 'drain', refusal: refusalOf('wire.closing', { retryMs: 60_000 }) })
    expect(dialled(rig)).toEqual([third])
    expect(rig.saidOf('bye', first)).toHaveLength(1)
    rig.join(third).passTalking(59_000, second, third)
    expect(dialled(rig)).toEqual([])
  })

  test('that refuses the hello for ever is not asked again until the hello is another', () => {
    const rig = new Rig().join(second)
    rig.open(first)
    rig.hear(first, { type: 'refuse', refusal: refusalOf('node.banned') })
    expect(rig.told('refusedBy')).toMatchObject([{ refusal: { code: 'node.banned' } }])
    rig.join(third)
    rig.close(second).close(third)
    rig.pass(24 * 3_600_000)
    expect(dialled(rig)).not.toContain(first)
    rig.step({ type: 'roster', roster: rig.setting.roster })
    expect(dialled(rig.pass(limits.pauseMsMax))).toContain(first)
  })

  test('that refuses the hello for now is asked again, not before it says', () => {
    const rig = new Rig().join(second)
    rig.open(first)
    rig.hear(first, { type: 'refuse', refusal: refusalOf('node.suspended', { retryMs: 90_000 }) })
    rig.join(third).close(second)
    rig.passTalking(89_000, third)
    expect(dialled(rig)).not.toContain(first)
    expect(dialled(rig.close(second).passTalking(10_000, third))).toContain(first)
  })

  test('that is no longer of the roster is left, and its row forgotten', () => {
    const rig = new Rig().join(first, second)
    const members = rig.setting.roster.members.filter((one) => one.coordinator !== first.id)
    rig.step({ type: 'roster', roster: { members, quorum: 2 } })
    expect(rig.all('hangUp')).toMatchObject([{ refusal: { code: 'chain.roster' } }])
    expect(rig.all('forget')).toEqual([{ type: 'forget', name: `coordinator/${first.id}` }])
    expect(dialled(rig)).toEqual([third])
    expect(dialled(rig.pass(3_600_000))).not.toContain(first)
  })
})
