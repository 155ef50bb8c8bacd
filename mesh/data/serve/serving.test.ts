import {
  type Cid,
  type FromFetcher,
  type FromProvider,
  fromFetcher,
  fromProvider,
  limits,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import type { Pipe } from '../../channel/pipe.ts'
import type { Data } from '../data.ts'
import { Flow, messageBytes, readMessage, writeMessage } from '../flow.ts'
import { directory, file, kept, nobodys, Peers, yes } from '../test/rig.ts'

test('what is sealed is given to few, and after the verdict to all', async () => {
  await using peers = new Peers()
  const mayServe = (_: string, { peer, sealed }: { peer?: string; sealed: boolean }) =>
    !sealed || peer === 'judge'
  const data = await peers.open('node', { mayServe })
  const { cid } = yes(await data.importTree(file(3 * 1024 * 1024), { ...kept, sealed: true }))
  const [judge, other] = [await peers.open('judge'), await peers.open('other')]
  const wanted = { root: cid, peers: ['node'], gateways: [], bytesMax: 1e9 }
  expect(await other.fetch(wanted)).toMatchObject({ ok: false, refusal: { code: 'data.missing' } })
  expect(other.store.blocks).toBe(0)
  yes(await judge.fetch(wanted))
  await data.store.unseal('kept')
  yes(await other.fetch(wanted))
})

test('of an import that ends half-way nothing is left that somebody could see', async () => {
  await using peers = new Peers()
  const data = await peers.open('node')
  const whole = file(3 * 1024 * 1024)
  const less = { ...kept, sealed: true, bytesMax: 2 * 1024 * 1024 }
  expect(await data.importTree(whole, less)).toMatchObject({ ok: false })
  expect(data.store.blocks).toBe(0)
  expect(data.store.bytes).toBe(0)
})

test('a directory of somebody else does not lead to what is sealed', async () => {
  await using peers = new Peers()
  const data = await peers.open('node')
  const secret = file(2000, 7)
  yes(await data.importTree(secret, { ...kept, pin: 'made', sealed: true }))
  // The guess is right: its blocks are here, but the one that is sealed is not shown.
  const guess = directory({ plain: file(5), secret })
  const guesser = await peers.open('guesser')
  const { cid } = yes(await guesser.importTree(guess, kept))
  const before = data.store.blocks
  yes(
    await data.fetch({ root: cid, peers: ['guesser'], gateways: [], bytesMax: 1e9, pin: 'input' }),
  )
  expect(data.store.blocks).toBe(before + 2)
  const flow = flowTo(peers, 'node')
  expect(await asked(flow, { type: 'want', root: cid, way: [0], from: 0, count: 2 })).toEqual([
    { type: 'block', bytes: 5 },
    { type: 'missing' },
  ])
  flow.close()
})

test('what is not here, and what one may not have, are the same', async () => {
  await using peers = new Peers()
  const data = await peers.open('node')
  const { cid } = yes(await data.importTree(file(9), { ...kept, sealed: true }))
  const flow = flowTo(peers, 'node')
  const want = { type: 'want', way: [], from: 0, count: 1 } as const
  const [mine] = await asked(flow, { ...want, root: cid })
  const [no] = await asked(flow, { ...want, root: nobodys })
  expect(mine).toMatchObject({ type: 'refuse', refusal: { code: 'data.unknown', at: cid } })
  expect(no).toMatchObject({ type: 'refuse', refusal: { code: 'data.unknown', at: nobodys } })
  flow.close()
})

test('many roots are one question, answered by what is here and not sealed', async () => {
  await using peers = new Peers()
  const data = await peers.open('node')
  const cidOf = async (of: number, sealed: boolean, bytes = 500 + of) => {
    const keeping = { ...kept, pin: `${of}`, sealed }
    return yes(await data.importTree(file(bytes, of), keeping)).cid
  }
  const [small, secret] = [await cidOf(1, false), await cidOf(2, true)]
  const [large, last] = [await cidOf(3, false, 900_000), await cidOf(4, false)]
  const flow = flowTo(peers, 'node')
  const roots = [small, secret, large, nobodys, last]
  expect(await asked(flow, { type: 'roots', roots })).toEqual([
    { type: 'block', bytes: 501 },
    { type: 'missing' },
    { type: 'block', bytes: 900_000 },
    { type: 'missing' },
    { type: 'block', bytes: 504 },
  ])
  flow.close()
  const asker = await peers.open('other')
  const wanted = roots.map((cid) => ({ cid, bytesMax: 1_000_000 }))
  const here = await asker.fetchRoots(wanted, 'node', new AbortController().signal)
  expect([...here]).toEqual([small, large, last])
})

test.each([
  ['a way that leads nowhere', [0, 9], 0, 1],
  ['a way through a chunk', [0, 0, 0], 0, 1],
  ['a link too many', [0], 0, 4],
  ['a second root', [], 1, 1],
] as const)('%s is refused, and the stream goes on', async (_, way, from, count) => {
  await using peers = new Peers()
  const data = await peers.open('node')
  const root = rootOf(data)
  const flow = flowTo(peers, 'node')
  const [no] = await asked(flow, { type: 'want', root: await root, way, from, count })
  expect(no).toMatchObject({ type: 'refuse', refusal: { code: 'wire.message' } })
  const all = await asked(flow, { type: 'want', root: await root, way: [0], from: 0, count: 3 })
  expect(all.map(({ type }) => type)).toEqual(['block', 'block', 'block'])
  flow.close()
})

test.each([
  ['a length beyond any want', Uint8Array.of(0xff, 0xff, 0x7f), 'bytes.too-large'],
  ['an empty message', Uint8Array.of(0), 'bytes.truncated'],
  ['a message of no form', Uint8Array.of(1, 0xa0), 'document.missing-key'],
])('%s is answered with its code and ends the stream', async (_, bytes, code) => {
  await using peers = new Peers()
  await peers.open('node')
  const flow = flowTo(peers, 'node')
  await flow.write(bytes)
  const said = await readMessage(flow, fromProvider)
  expect(said).toMatchObject({ ok: true, value: { type: 'refuse', refusal: { code } } })
  expect(await readMessage(flow, fromProvider)).toBeUndefined()
})

test('a stream that says nothing, or does not read, is cut', async () => {
  await using peers = new Peers()
  const data = await peers.open('node', { idleMs: 200 })
  const { cid } = yes(await data.importTree(file(16 * 1024 * 1024), kept))
  const silent = flowTo(peers, 'node')
  expect(await silent.read(1)).toBeUndefined()
  const deaf = flowTo(peers, 'node')
  const closed = Promise.withResolvers<void>()
  const pipe = peers.dial('deaf', 'node') as Pipe
  pipe.listen({
    data: () => {},
    drained: () => {},
    ended: () => {},
    closed: () => closed.resolve(),
  })
  pipe.pause()
  pipe.send(messageBytes(fromFetcher, { type: 'want', root: cid, way: [0], from: 0, count: 16 }))
  await closed.promise
  deaf.close()
})

test('streams are bounded, to one peer, to one network and in all', async () => {
  await using peers = new Peers()
  const data = await peers.open('node')
  const root = await rootOf(data)
  const want = { type: 'want', root, way: [], from: 0, count: 1 } as const
  const flows: Flow[] = []
  const openFrom = async (name: string) => {
    const flow = new Flow(peers.dial(name, 'node') as Pipe)
    flows.push(flow)
    const [said] = await asked(flow, want)
    return said?.type === 'refuse' ? said.refusal.code : said?.type
  }
  for (let i = 0; i < limits.dataStreamsPerPeerMax; i++) expect(await openFrom('one')).toBe('block')
  expect(await openFrom('one')).toBe('wire.full')
  const left = limits.dataStreamsMax - limits.dataStreamsPerPeerMax
  for (let i = 0; i < left; i++) {
    // Keys cost nothing: the first network has one for each stream, and then no more of them.
    const ofOne = i < limits.dataStreamsPerNetworkMax
    if (i === limits.dataStreamsPerNetworkMax) expect(await openFrom('net/late')).toBe('wire.full')
    expect(await openFrom(ofOne ? `net/${i}` : `other/${i}`)).toBe('block')
  }
  expect(await openFrom('late')).toBe('wire.full')
  for (const flow of flows) flow.close()
})

async function rootOf(data: Data): Promise<Cid> {
  return yes(await data.importTree(file(2 * 1024 * 1024 + 1), kept)).cid
}

function flowTo(peers: Peers, name: string): Flow {
  return new Flow(peers.dial('asker', name) as Pipe)
}

/** The messages that answer a want, without the bytes of the blocks. */
async function asked(flow: Flow, want: FromFetcher): Promise<FromProvider[]> {
  await writeMessage(flow, fromFetcher, want)
  const said: FromProvider[] = []
  const count = want.type === 'want' ? want.count : want.roots.length
  while (said.length < count) {
    const message = await readMessage(flow, fromProvider)
    if (message === undefined) break
    said.push(yes(message))
    if (message.ok && message.value.type === 'refuse') break
    if (message.ok && message.value.type === 'block') await flow.read(message.value.bytes)
  }
  return said
}
