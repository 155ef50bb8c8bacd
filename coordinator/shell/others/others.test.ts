import { type ChainId, type CoordinatorId, digestText, refuse, sha256 } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed, noon } from '../../test/cast.ts'
import { listLog } from '../../test/scripted-mesh.ts'
import { Others } from './others.ts'

const chain = digestText(sha256(Uint8Array.of(1))) as unknown as ChainId
const [ann, bob] = ['ann', 'bob'].map((name) => keyNamed(name).id as CoordinatorId) as [
  CoordinatorId,
  CoordinatorId,
]

test('who waits for witnesses hears soon that they are back, after an hour too', async () => {
  let now = 0
  const dialled: number[] = []
  const gone = new AbortController()
  const members = [ann, bob].map((coordinator) => ({ coordinator, addresses: [] }))
  const time = {
    now: () => now,
    wall: () => noon,
    after: (ms: number, act: () => void) => {
      now += ms
      if (now > 3_600_000) gone.abort()
      const timer = setImmediate(act)
      return () => clearImmediate(timer)
    },
  }
  const dial = async () => {
    dialled.push(now)
    return refuse('wire.unreachable')
  }
  const mesh = { dial, streams: undefined as never }
  await using others = new Others(mesh, { members, quorum: 2 }, ann, { time, log: listLog() })
  expect(await others.seen(chain, gone.signal)).toEqual([])
  const pauses = dialled.slice(1).map((at, i) => at - (dialled[i] as number))
  expect(Math.max(...pauses)).toBeLessThanOrEqual(10_000)
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000)
})
