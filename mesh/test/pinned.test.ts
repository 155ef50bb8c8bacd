import { protocols } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { openings } from '../channel/pace.ts'
import { key, nodeOf, opened } from './scene.ts'

test('who is of the roster opens a stream while strangers wait for their turns', async () => {
  const one = key()
  const coordinator = await opened({ roster: [{ coordinator: one.id, addresses: [] }] })
  await coordinator.streams.serve('call', () => {})
  const [pinned, stranger] = [
    await nodeOf(coordinator, { seed: one.seed }),
    await nodeOf(coordinator),
  ]
  const enough = new AbortController()
  const open = (mesh: typeof pinned) => mesh.streams.open('call', coordinator.peer, enough.signal)
  // For a minute it is nobody's turn.
  while (!openings.take(60_000)) await new Promise((resolve) => setTimeout(resolve, 1))
  let isOpen = false
  const waiting = open(stranger).then(({ ok }) => {
    isOpen = ok
  })
  expect(await open(pinned), protocols.call.id).toMatchObject({ ok: true })
  expect(isOpen).toBe(false)
  enough.abort()
  await Promise.allSettled([waiting])
  await Promise.all([pinned, stranger, coordinator].map((one) => one[Symbol.asyncDispose]()))
})
