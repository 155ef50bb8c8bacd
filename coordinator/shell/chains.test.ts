import type { CoordinatorId } from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { keyNamed } from '../test/cast.ts'
import { ScriptedChain } from '../test/scripted-chain.ts'
import { Folders, valued } from '../test/scripted-mesh.ts'
import { FollowedChain } from './chains.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('who reads some of a chain that grows no more leaves nothing behind', async () => {
  const right = new ScriptedChain().grow(200)
  await using feed = await right.feed(folders.next())
  const tip = { epoch: 0, coordinator: keyNamed('kim').id as CoordinatorId }
  const here = new FollowedChain({ chain: right.chain, feed, tip }, { isFrozen: () => false })
  const read: number[] = []
  for await (const some of here.entries({ size: 10 }, AbortSignal.timeout(10_000))) {
    read.push(...valued(some).map(({ seq }) => seq))
    if (read.length >= 100) break
  }
  expect(read).toEqual(Array.from(read, (_, i) => 10 + i))
  expect(feed.waiting).toBe(0)
})
