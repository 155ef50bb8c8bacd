import { type Cid, fromFetcher, fromProvider, limits, refusalOf } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { type Block, blockOf } from '../block.ts'
import { Flow, readMessage, writeMessage } from '../flow.ts'
import { nodeBlock, unixFsType } from '../node.ts'
import { type Answering, drawnBytes, file, kept, Peers, summary, yes } from '../test/rig.ts'

const MiB = 1024 * 1024
const bounds = { bytesMax: 100 * MiB }
const none = { peers: [], gateways: [], bytesMax: 100 * MiB }

/** A peer who answers each want as it likes. */
function liar(answer: (flow: Flow, count: number) => Promise<boolean>): Answering {
  return async (pipe) => {
    const flow = new Flow(pipe)
    for (;;) {
      const want = await readMessage(flow, fromFetcher)
      if (want === undefined || !want.ok) return
      const { value } = want
      const count = value.type === 'want' ? value.count : value.roots.length
      if (!(await answer(flow, count))) return
    }
  }
}

const say = (flow: Flow, bytes: number, ...following: Uint8Array[]) =>
  writeMessage(flow, fromProvider, { type: 'block', bytes }, ...following)

test.each([
  ['other bytes', 'data.false', async (flow: Flow) => await say(flow, 500, drawnBytes(500, 3))],
  [
    'a block that never ends',
    'wire.deadline',
    async (flow: Flow) => await say(flow, limits.blockBytesMax, new Uint8Array(10)),
  ],
  [
    'a message of no form',
    'document.type',
    async (flow: Flow) => await flow.write(Uint8Array.of(2, 0x61, 0x61)),
  ],
  [
    'a length without an end',
    'bytes.too-large',
    async (flow: Flow) => await flow.write(new Uint8Array(20).fill(255)),
  ],
  ['nothing', 'wire.deadline', async () => true],
  ['half a block', 'wire.deadline', async (flow: Flow) => await say(flow, 600, drawnBytes(10, 3))],
  [
    'a no',
    'wire.full',
    async (flow: Flow) =>
      await writeMessage(flow, fromProvider, { type: 'refuse', refusal: refusalOf('wire.full') }),
  ],
] as const)('who answers with %s is left with %s, and another asked', async (_, code, answer) => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const { cid } = yes(await from.importTree(file(600), kept))
  peers.answer(
    'liar',
    liar(async (flow) => await answer(flow)),
  )
  const to = await peers.open('to', { idleMs: 300 })
  const alone = await to.fetch({ ...none, root: cid, peers: ['liar'] })
  expect(alone).toMatchObject({ ok: false, refusal: { code: 'data.missing' } })
  expect(!alone.ok && alone.refusal.detail).toContain(code)
  expect(to.store.blocks).toBe(0)
  yes(await to.fetch({ ...none, root: cid, peers: ['liar', 'from'] }))
})

test('a chunk may be no longer than its parent says', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const tree = file(MiB + 5)
  const { cid } = yes(await from.importTree(tree, kept))
  const root = (await from.store.get(cid)) as Block
  let wants = 0
  peers.answer(
    'liar',
    liar(async (flow) => {
      wants += 1
      if (wants === 1) return await say(flow, root.bytes.length, root.bytes)
      return await say(flow, MiB + 1, new Uint8Array(100))
    }),
  )
  const to = await peers.open('to', { idleMs: 2000 })
  const refused = await to.fetch({ ...none, root: cid, peers: ['liar'] })
  expect(!refused.ok && refused.refusal.detail).toBe('liar data.false')
})

test('who sends more than was asked for is left at the next want', async () => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const { cid } = yes(await from.importTree(file(3 * MiB), kept))
  const root = (await from.store.get(cid)) as Block
  peers.answer(
    'flood',
    liar(async (flow) => {
      await say(flow, root.bytes.length, root.bytes)
      for (let i = 0; i < 1000; i++) if (!(await flow.write(new Uint8Array(MiB)))) return false
      return false
    }),
  )
  const to = await peers.open('to', { idleMs: 2000 })
  const before = process.memoryUsage().rss
  const refused = await to.fetch({ ...none, root: cid, peers: ['flood'] })
  expect(!refused.ok && refused.refusal.code).toBe('data.missing')
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB)
})

test('a slow peer is helped by one who has nothing to do', async () => {
  await using peers = new Peers()
  const tree = file(20 * MiB)
  const [slow, quick] = [await peers.open('slow'), await peers.open('quick')]
  const { cid } = yes(await slow.importTree(tree, kept))
  yes(await quick.importTree(tree, kept))
  const lend = slow.store.lend.bind(slow.store)
  const forEver = Promise.withResolvers<void>()
  let lent = 0
  slow.store.lend = async (one) => {
    lent += 1
    if (lent > 3) await forEver.promise
    return await lend(one)
  }
  const to = await peers.open('to')
  yes(await to.fetch({ ...none, root: cid, peers: ['slow', 'quick'] }))
  forEver.resolve()
  expect(summary(yes(await to.exportTree(cid, bounds)))).toEqual(summary(tree))
})

test.each([
  ['more bytes than it may have', file(3 * MiB), 2 * MiB, 'data.too-large'],
  ['just as many', file(3 * MiB), 3 * MiB + 1000, undefined],
] as const)('a root with %s', async (_, tree, bytesMax, code) => {
  await using peers = new Peers()
  const from = await peers.open('from')
  const { cid } = yes(await from.importTree(tree, kept))
  const to = await peers.open('to')
  const fetched = await to.fetch({ ...none, root: cid, peers: ['from'], bytesMax })
  expect(fetched.ok ? undefined : fetched.refusal.code).toBe(code)
  if (code !== undefined) expect(to.store.bytes).toBeLessThan(1000)
})

test('a node that lies about the bytes below it is refused, and no peer is blamed', async () => {
  const chunk = blockOf('raw', drawnBytes(1000, 1))
  for (const says of [999, 1001]) {
    const root = nodeBlock({ type: unixFsType.file, fileBytes: says, blockBytes: [says] }, [
      { cid: chunk.cid, name: '', linked: 1000 },
    ])
    expect(await fetchedOf([root, chunk])).toMatch(/^data\.(form|false|missing)$/)
  }
})

test('a file of more bytes than there are disks is read no further than allowed', async () => {
  await using peers = new Peers()
  const data = await peers.open('here')
  let below = blockOf('raw', drawnBytes(1000, 1))
  let bytes = 1000
  yes(await data.store.put(below))
  for (let level = 0; level < 3; level++) {
    const links = Array.from({ length: 1000 }, () => ({ cid: below.cid, name: '', linked: bytes }))
    const blockBytes = links.map(() => bytes)
    bytes *= 1000
    below = nodeBlock({ type: unixFsType.file, fileBytes: bytes, blockBytes }, links)
    yes(await data.store.put(below))
  }
  const refused = { ok: false, refusal: { code: 'data.too-large' } }
  expect(await data.exportTree(below.cid, bounds)).toMatchObject(refused)
  expect(await data.fetch({ ...none, root: below.cid })).toMatchObject(refused)
})

/** What becomes of a fetch from somebody who has these blocks, the root first. */
async function fetchedOf(blocks: readonly Block[]): Promise<string> {
  await using peers = new Peers()
  const from = await peers.open('from')
  for (const one of blocks) yes(await from.store.put(one))
  const to = await peers.open('to')
  const root = blocks[0]?.cid as Cid
  const fetched = await to.fetch({ ...none, root, peers: ['from'] })
  return fetched.ok ? 'fetched' : fetched.refusal.code
}

test('of many roots with other bytes only what is right is believed', async () => {
  await using peers = new Peers()
  const [a, b, c] = [file(600, 1), file(600, 2), file(600, 3)]
  const from = await peers.open('from')
  const cids = await Promise.all(
    [a, b, c].map(async (one, i) => yes(await from.importTree(one, { ...kept, pin: `${i}` })).cid),
  )
  const first = (await from.store.get(cids[0] as Cid))?.bytes as Uint8Array
  peers.answer(
    'liar',
    liar(async (flow) => {
      await say(flow, first.length, first)
      await say(flow, 600, drawnBytes(600, 9))
      return await say(flow, 600, drawnBytes(600, 9))
    }),
  )
  const to = await peers.open('to', { idleMs: 300 })
  const wanted = cids.map((cid) => ({ cid, bytesMax: 1000 }))
  const never = new AbortController().signal
  expect([...(await to.fetchRoots(wanted, 'liar', never))]).toEqual([cids[0]])
  expect(to.store.blocks).toBe(1)
  expect([...(await to.fetchRoots(wanted, 'from', never))]).toEqual(cids)
})
