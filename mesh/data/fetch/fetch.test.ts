import { limits } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { directory, drawnBytes, file, kept, Peers, yes } from '../test/rig.ts'

const MiB = 1024 * 1024

test('a file and a directory come from one peer, and are the same', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const to = await peers.open('to')
  const tree = directory({
    big: file(5 * MiB + 7),
    empty: file(0),
    inner: directory({ a: file(10, 2), b: file(2 * MiB, 3), none: directory({}) }),
  })
  const { cid } = yes(await from.importTree(tree, kept))
  const wanted = { root: cid, peers: ['from'], gateways: [], bytesMax: 100 * MiB }
  const fetched = yes(await to.fetch({ ...wanted, pin: 'job' }))
  expect(fetched.fetchedBytes).toBe(fetched.bytes)
  expect(yes(await to.exportTree(cid, { bytesMax: 100 * MiB }))).toEqual(tree)
  expect(to.store.bytes).toBe(from.store.bytes)
  expect(yes(await to.fetch(wanted)).fetchedBytes).toBe(0)
})
