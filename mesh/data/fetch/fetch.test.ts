import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cid } from '@nexapod/specs'
import { expect, test } from 'vitest'
import type { Block, theirCid } from '../block.ts'
import type { Data } from '../data.ts'
import { nodeOf } from '../node.ts'
import {
  type Answering,
  askingOf,
  directory,
  file,
  kept,
  nobodys,
  Peers,
  summary,
  temporary,
  yes,
} from '../test/rig.ts'
import { Bitswap } from './bitswap.ts'

const MiB = 1024 * 1024
const bounds = { bytesMax: 100 * MiB }
const none = { peers: [], gateways: [], bytesMax: 100 * MiB }

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
  const fetched = yes(await to.fetch({ ...none, root: cid, peers: ['from'], pin: 'job' }))
  expect(fetched).toMatchObject({ cid, fetchedBytes: fetched.bytes, left: [] })
  expect(summary(yes(await to.exportTree(cid, bounds)))).toEqual(summary(tree))
  expect(to.store.bytes).toBe(from.store.bytes)
  expect(yes(await to.fetch({ ...none, root: cid })).fetchedBytes).toBe(0)
})

test('a directory in shards comes whole', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const to = await peers.open('to')
  const names = Array.from({ length: 6000 }, (_, i) => [`f${i}`, file(i % 5, i)] as const)
  const tree = directory(Object.fromEntries(names))
  const { cid } = yes(await from.importTree(tree, kept))
  yes(await to.fetch({ ...none, root: cid, peers: ['from'] }))
  const got = yes(await to.exportTree(cid, bounds))
  expect('entries' in got && got.entries.size).toBe(6000)
  const found = yes(await to.fetch({ ...none, root: cid, below: 'f77' }))
  expect(summary(yes(await to.exportTree(found.cid, bounds)))).toEqual(summary(file(77 % 5, 77)))
})

test('of a path no more is fetched than it needs, and what is below it', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const to = await peers.open('to')
  const wanted = directory({ a: file(2 * MiB, 5) })
  const tree = directory({
    left: file(9 * MiB),
    inner: directory({ wanted, right: file(3 * MiB) }),
  })
  const { cid } = yes(await from.importTree(tree, kept))
  const fetch = { ...none, root: cid, peers: ['from'], below: 'inner/wanted', pin: 'unit' }
  const found = yes(await to.fetch(fetch))
  expect(summary(yes(await to.exportTree(found.cid, bounds)))).toEqual(summary(wanted))
  expect(to.store.bytes).toBeLessThan(2 * MiB + 2000)
  expect(to.store.pins()[0]?.roots).toEqual([found.cid])
  const lost = await to.fetch({ ...fetch, below: 'inner/nothing' })
  expect(lost).toMatchObject({ ok: false, refusal: { code: 'data.unknown' } })
})

test('several peers share the blocks, and none comes twice', async () => {
  await using peers = new Peers()
  const tree = file(64 * MiB)
  let root = nobodys
  const given = new Map<string, number>()
  for (const name of ['a', 'b', 'c']) {
    const from = await peers.open(name)
    root = yes(await from.importTree(tree, kept)).cid
    peers.answer(
      name,
      counted(from, (bytes) => given.set(name, (given.get(name) ?? 0) + bytes)),
    )
  }
  const to = await peers.open('to')
  const fetched = yes(await to.fetch({ ...none, root, peers: ['a', 'b', 'c'] }))
  expect(fetched.fetchedBytes).toBe(to.store.bytes)
  for (const bytes of given.values()) expect(bytes).toBeGreaterThan(8 * MiB)
})

test('what is here is not fetched again, however it was cut', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const { cid } = yes(await from.importTree(file(40 * MiB), kept))
  const to = await peers.open('to')
  const stop = new AbortController()
  const onProgress = ({ fetchedBytes }: { fetchedBytes: number }) => {
    if (fetchedBytes > 15 * MiB) stop.abort(new Error('enough'))
  }
  const wanted = { ...none, root: cid, peers: ['from'] }
  await expect(to.fetch({ ...wanted, signal: stop.signal, onProgress })).rejects.toThrow('enough')
  const had = to.store.bytes
  expect(had).toBeGreaterThan(15 * MiB)
  const rest = yes(await to.fetch(wanted))
  expect(rest.fetchedBytes).toBe(rest.bytes - had)
})

test('a damaged block is found when it is read, and fetched again alone', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const tree = file(4 * MiB)
  const { cid } = yes(await from.importTree(tree, kept))
  await using place = await temporary()
  const to = await peers.open('to', { directory: place.path })
  const wanted = { ...none, root: cid, peers: ['from'] }
  yes(await to.fetch(wanted))
  const root = yes(nodeOf((await to.store.get(cid)) as Block))
  const chunk = root.links[2]?.cid as Cid
  const path = join(place.path, 'blocks', chunk.slice(-3, -2), chunk)
  const bytes = await readFile(path)
  bytes[1000] = (bytes[1000] as number) ^ 1
  await writeFile(path, bytes)
  expect(await to.exportTree(cid, bounds)).toMatchObject({ refusal: { code: 'data.missing' } })
  expect(yes(await to.fetch(wanted)).fetchedBytes).toBe(MiB)
  expect(summary(yes(await to.exportTree(cid, bounds)))).toEqual(summary(tree))
})

test('what one has not, another has', async () => {
  await using peers = new Peers()
  const tree = file(20 * MiB)
  const [left, right] = [await peers.open('left'), await peers.open('right')]
  const { cid } = yes(await left.importTree(tree, kept))
  yes(await right.importTree(tree, kept))
  const root = yes(nodeOf((await left.store.get(cid)) as Block))
  for (const [data, kind] of [
    [left, 0],
    [right, 1],
  ] as const) {
    await data.store.unpin('kept')
    peers.answer(kind === 0 ? 'left' : 'right', async (pipe, from) => {
      const hides = data.store.lend.bind(data.store)
      data.store.lend = async (one) => {
        const at = root.links.findIndex((link) => link.cid === one)
        return at >= 0 && at % 2 === kind ? undefined : await hides(one)
      }
      await data.serve(pipe, askingOf(from))
    })
  }
  const to = await peers.open('to')
  const alone = await to.fetch({ ...none, root: cid, peers: ['left'] })
  expect(alone).toMatchObject({ ok: false, refusal: { code: 'data.missing' } })
  yes(await to.fetch({ ...none, root: cid, peers: ['left', 'right'] }))
  expect(summary(yes(await to.exportTree(cid, bounds)))).toEqual(summary(tree))
})

test('a peer that is still dialled when others have given all is let go', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const to = await peers.open('to', {
    async openPipe(peer, signal) {
      if (peer === 'from') return peers.dial('to', peer)
      await new Promise((gone) => signal.addEventListener('abort', gone))
      throw signal.reason
    },
  })
  const { cid } = yes(await from.importTree(file(3 * MiB), kept))
  const fetched = yes(await to.fetch({ ...none, root: cid, peers: ['far', 'from'] }))
  expect(fetched.left).toEqual([])
})

test('what nobody has is refused', async () => {
  await using peers = new Peers()
  await peers.open('from')
  const to = await peers.open('to')
  const refused = { ok: false, refusal: { code: 'data.missing' } }
  expect(await to.fetch({ ...none, root: nobodys })).toMatchObject(refused)
  expect(await to.fetch({ ...none, root: nobodys, peers: ['from', 'who'] })).toMatchObject(refused)
})

test('bitswap is asked when nobody else has it', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const tree = file(3 * MiB)
  const { cid } = yes(await from.importTree(tree, kept))
  const asked: string[] = []
  const others = {
    async *get(one: ReturnType<typeof theirCid>) {
      asked.push(one.toString())
      yield ((await from.store.get(one.toString() as Cid)) as Block).bytes
    },
  }
  const to = await peers.open('to', { fallback: new Bitswap(others) })
  yes(await to.fetch({ ...none, root: cid, peers: ['nobody'] }))
  expect(asked.length).toBe(4)
  expect(summary(yes(await to.exportTree(cid, bounds)))).toEqual(summary(tree))
})

test('an abort before the first byte leaves nothing behind', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const { cid } = yes(await from.importTree(file(MiB), kept))
  const to = await peers.open('to')
  const signal = AbortSignal.abort(new Error('not now'))
  await expect(to.fetch({ ...none, root: cid, peers: ['from'], signal })).rejects.toThrow('not now')
  expect(to.store.bytes).toBe(0)
})

function counted(from: Data, count: (bytes: number) => void): Answering {
  return async (pipe, peer) => {
    const send = pipe.send.bind(pipe)
    pipe.send = (bytes) => {
      count(bytes.length)
      return send(bytes)
    }
    await from.serve(pipe, askingOf(peer))
  }
}
