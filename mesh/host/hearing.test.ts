import { randomBytes } from 'node:crypto'
import { type ChainId, digestText, encode, limits, type Schema, topics } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { beacon, checkpoint, key, meshOfTest, openFork } from '../test/scene.ts'
import { Hearing, type TopicName } from './hearing.ts'

const boss = key()
let now = Date.now()

function hearing(...coordinators: readonly { readonly id: string }[]): Hearing {
  return new Hearing({
    mesh: meshOfTest,
    coordinates: (id) => coordinators.some((one) => one.id === id),
    openFork,
    now: () => now,
  })
}

function bytesOf(topic: TopicName, document: unknown): Uint8Array {
  return encode(topics[topic].message as Schema<unknown>, document)
}

test('a beacon is taken once, and none that is older than the last', () => {
  const ears = hearing(boss)
  const [first, next] = [now - 1000, now].map((issued) =>
    bytesOf('beacon', beacon(boss, { issued })),
  ) as [Uint8Array, Uint8Array]
  expect(ears.judge('beacon', first)).toMatchObject({ as: 'take' })
  expect(ears.judge('beacon', next)).toMatchObject({ as: 'take' })
  expect(ears.judge('beacon', next)).toEqual({ as: 'drop' })
  expect(ears.judge('beacon', first)).toEqual({ as: 'drop' })
})

test('a beacon is the newest of its coordinator and chain', () => {
  const ears = hearing(boss)
  const chain = digestText<ChainId>(randomBytes(32))
  const own = bytesOf('beacon', beacon(boss, { issued: now }))
  const adopted = bytesOf('beacon', beacon(boss, { issued: now - 1000, chain }))
  expect(ears.judge('beacon', own)).toMatchObject({ as: 'take' })
  expect(ears.judge('beacon', adopted)).toMatchObject({ as: 'take' })
  expect(ears.judge('beacon', own)).toEqual({ as: 'drop' })
  expect(ears.judge('beacon', adopted)).toEqual({ as: 'drop' })
})

test('a coordinator that claims many chains forgets its own ones', () => {
  const ears = hearing(boss)
  const claim = () =>
    bytesOf('beacon', beacon(boss, { issued: now, chain: digestText(randomBytes(32)) }))
  const first = claim()
  expect(ears.judge('beacon', first)).toMatchObject({ as: 'take' })
  for (let i = 1; i < limits.rosterMax; i++) ears.judge('beacon', claim())
  expect(ears.judge('beacon', first)).toEqual({ as: 'drop' })
  ears.judge('beacon', claim())
  expect(ears.judge('beacon', first)).toMatchObject({ as: 'take' })
})

test('what is old, or from the future, is dropped', () => {
  const ears = hearing(boss)
  for (const issued of [now - limits.gossipMsMax - 1, now + limits.clockSkewMs + 1]) {
    const bytes = bytesOf('beacon', beacon(boss, { issued }))
    expect(ears.judge('beacon', bytes)).toEqual({ as: 'drop' })
  }
})

test('a replay after messages are forgotten is too old, whatever the clocks say', () => {
  const ears = hearing(boss)
  const early = bytesOf('checkpoint', checkpoint(boss, randomBytes(32), now + limits.clockSkewMs))
  expect(ears.judge('checkpoint', early)).toMatchObject({ as: 'take' })
  // Until then the library recognises it.
  now += limits.gossipMsMax + limits.clockSkewMs + 1
  expect(ears.judge('checkpoint', early)).toEqual({ as: 'drop' })
})

test('what a stranger signed is nobody’s fault, and is dropped', () => {
  const stranger = key()
  const ears = hearing(boss)
  expect(ears.judge('beacon', bytesOf('beacon', beacon(stranger)))).toEqual({ as: 'drop' })
  const fork = { one: checkpoint(stranger, key().seed), other: checkpoint(stranger, key().seed) }
  expect(ears.judge('fork', bytesOf('fork', fork))).toEqual({ as: 'drop' })
})

test.each(['beacon', 'checkpoint', 'fork'] as const)(
  'a %s that does not open is wrong',
  (topic) => {
    const ears = hearing(boss)
    const forged = { ...checkpoint(boss, randomBytes(32), now), signatures: [new Uint8Array(64)] }
    const documents = {
      beacon: { ...beacon(boss, { issued: now }), signatures: [new Uint8Array(64)] },
      checkpoint: forged,
      fork: { one: forged, other: checkpoint(boss, randomBytes(32), now) },
    }
    expect(ears.judge(topic, bytesOf(topic, documents[topic]))).toEqual({ as: 'wrong' })
    expect(ears.judge(topic, randomBytes(100))).toEqual({ as: 'wrong' })
    expect(ears.judge(topic, new Uint8Array(limits.gossipBytesMax + 1))).toEqual({ as: 'wrong' })
  },
)

test('a beacon of another mesh is wrong: its topic is another', () => {
  const mesh = 'ab'.repeat(32) as typeof meshOfTest
  const bytes = bytesOf('beacon', beacon(boss, { mesh, issued: now }))
  expect(hearing(boss).judge('beacon', bytes)).toEqual({ as: 'wrong' })
})

test('a fork is told once, and two checkpoints that agree are none', () => {
  const ears = hearing(boss)
  const [one, other] = [checkpoint(boss, randomBytes(32)), checkpoint(boss, randomBytes(32))]
  const again = checkpoint(boss, randomBytes(32))
  expect(ears.judge('fork', bytesOf('fork', { one, other: one }))).toEqual({ as: 'wrong' })
  expect(ears.judge('fork', bytesOf('fork', { one, other }))).toMatchObject({ as: 'take' })
  expect(ears.judge('fork', bytesOf('fork', { one, other: again }))).toEqual({ as: 'drop' })
})

test('what one member says of the chain of another does not hide the fork of that', () => {
  const other = key()
  const ears = hearing(boss, other)
  const forkBy = (by: typeof boss) => {
    return { one: checkpoint(by, randomBytes(32)), other: checkpoint(by, randomBytes(32)) }
  }
  expect(ears.judge('fork', bytesOf('fork', forkBy(other)))).toMatchObject({ as: 'take' })
  expect(ears.judge('fork', bytesOf('fork', forkBy(boss)))).toMatchObject({ as: 'take' })
})
