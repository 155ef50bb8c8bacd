import * as dagCbor from '@ipld/dag-cbor'
import { type Cid, limits } from '@nexapod/specs'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { type Block, blockIf, ourCid } from '../block.ts'
import type { Data } from '../data.ts'
import { nodeOf } from '../node.ts'
import { gatewayOf, listen } from '../test/gateway.ts'
import { directory, drawnBytes, file, kept, nobodys, Peers, summary, yes } from '../test/rig.ts'
import type { GatewayAnswer } from './gateway.ts'

const MiB = 1024 * 1024
const tree = directory({ a: file(3 * MiB), b: file(10), again: file(3 * MiB), c: directory({}) })

async function get(
  data: Data,
  url: string,
  more: { method?: string; headers?: Record<string, string> } = {},
) {
  const { method = 'GET', headers = {} } = more
  return await data.gateway({ method, url, headers })
}

async function whole({ body = new Uint8Array(0) }: GatewayAnswer): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('a block is given raw, for ever, and only its head to whoever asks for that', async () => {
  await using peers = new Peers()
  const data = await peers.open('data')
  const { cid } = yes(await data.importTree(file(1234), kept))
  for (const [url, headers] of [
    [`/ipfs/${cid}?format=raw`, {}],
    [`/ipfs/${cid}`, { accept: 'application/vnd.ipld.raw' }],
    [`/ipfs/${cid}`, { accept: 'text/html, application/vnd.ipld.raw;q=0.5', range: 'bytes=0-9' }],
  ] as const) {
    const answer = await get(data, url, { headers })
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/vnd.ipld.raw',
      'content-length': '1234',
      'cache-control': 'public, max-age=29030400, immutable',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'none',
      etag: `"${cid}.raw"`,
    })
    expect(blockIf(cid, await whole(answer))).toBeDefined()
    const head = await get(data, url, { method: 'HEAD', headers })
    expect(head).toEqual({ status: 200, headers: answer.headers })
  }
})

test('what somebody has is not given again', async () => {
  await using peers = new Peers()
  const data = await peers.open('data')
  const { cid } = yes(await data.importTree(file(1234), kept))
  for (const tag of [`"${cid}.raw"`, `W/"${cid}.raw"`, `"x", "${cid}.raw"`, '*']) {
    const answer = await get(data, `/ipfs/${cid}?format=raw`, { headers: { 'if-none-match': tag } })
    expect(answer.status).toBe(304)
    expect(answer.body).toBeUndefined()
  }
  const other = { headers: { 'if-none-match': `"${cid}.car"` } }
  expect((await get(data, `/ipfs/${cid}?format=raw`, other)).status).toBe(200)
})

test('a CAR has each block once, depth first in the order of the links', async () => {
  await using peers = new Peers()
  const data = await peers.open('data')
  const { cid } = yes(await data.importTree(tree, kept))
  const answer = await get(data, `/ipfs/${cid}`, {
    headers: { accept: 'application/vnd.ipld.car; version=1' },
  })
  expect(answer.headers['content-type']).toBe(
    'application/vnd.ipld.car; version=1; order=dfs; dups=n',
  )
  const { header, blocks } = readCar(await whole(answer))
  expect(header).toEqual({ version: 1, roots: [CID.parse(cid)] })
  const expected = await depthFirst(data, cid)
  expect(blocks.map((block) => block.cid)).toEqual([...expected])
  expect(blocks.length).toBe(data.store.blocks)
  const one = await get(data, `/ipfs/${cid}?format=car&dag-scope=block`)
  expect(readCar(await whole(one)).blocks.map((block) => block.cid)).toEqual([cid])
})

test('a CAR of which something is missing breaks', async () => {
  await using peers = new Peers()
  const [from, data] = [await peers.open('from'), await peers.open('data')]
  const { cid } = yes(await from.importTree(tree, kept))
  yes(await data.store.put((await from.store.get(cid)) as Block))
  const answer = await get(data, `/ipfs/${cid}?format=car`)
  await expect(whole(answer)).rejects.toThrow('missing')
})

test.each([
  ['/ipfs/', 400],
  ['/ipfs/nonsense?format=raw', 400],
  ['/ipfs/CID', 400],
  ['/ipfs/CID?format=html', 400],
  ['/ipfs/CID/a?format=raw', 400],
  ['/ipfs/CID?format=car&dag-scope=entity', 400],
  ['/ipfs/CID?format=car&entity-bytes=0:9', 400],
  ['/ipns/CID?format=raw', 400],
  [`/ipfs/${nobodys}?format=raw`, 404],
])('%s is answered with %i', async (url, status) => {
  await using peers = new Peers()
  const data = await peers.open('data')
  const { cid } = yes(await data.importTree(file(1234), kept))
  const answer = await get(data, url.replace('CID', cid))
  expect(answer.status).toBe(status)
  expect(answer.headers['cache-control']).toBe('no-store')
})

test('nothing is written', async () => {
  await using peers = new Peers()
  const data = await peers.open('data')
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    expect(await get(data, `/ipfs/${nobodys}?format=raw`, { method })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
  }
})

test('what is sealed is not there, whole or in parts', async () => {
  await using peers = new Peers()
  const data = await peers.open('data')
  const { cid } = yes(await data.importTree(tree, { ...kept, sealed: true }))
  for (const one of await depthFirst(data, cid)) {
    for (const format of ['raw', 'car']) {
      expect((await get(data, `/ipfs/${one}?format=${format}`)).status).toBe(404)
    }
  }
  await data.store.unseal('kept')
  expect((await get(data, `/ipfs/${cid}?format=raw`)).status).toBe(200)
})

test('a directory comes over plain HTTP, and who lies there is left', async () => {
  await using peers = new Peers()
  const [from, to] = [await peers.open('from'), await peers.open('to', { idleMs: 1000 })]
  const { cid } = yes(await from.importTree(tree, kept))
  await using honest = await listen(gatewayOf(from))
  const bytesMax = 100 * MiB
  const long = { 'content-length': `${bytesMax}` }
  const liars: Record<string, Parameters<typeof listen>[0]> = {
    'data.false': (_, response) => response.end(drawnBytes(500, 9)),
    'data.missing': (_, response) =>
      response.writeHead(302, { location: honest.url, 'content-length': '0' }).end(),
    'wire.deadline': (_, response) =>
      response.writeHead(200, { 'content-length': '600' }).write('x'),
  }
  for (const [code, answer] of Object.entries(liars)) {
    await using liar = await listen(answer)
    const wanted = { root: cid, peers: [], gateways: [liar.url], bytesMax }
    const refused = await to.fetch(wanted)
    expect(!refused.ok && refused.refusal.detail).toBe(`${liar.url} ${code}`)
  }
  await using endless = await listen((_, response) => {
    response.writeHead(200, long)
    const more = () => {
      while (response.write(new Uint8Array(MiB)));
    }
    response.on('drain', more)
    more()
  })
  const gateways = [endless.url, honest.url]
  const fetched = yes(await to.fetch({ root: cid, peers: [], gateways, bytesMax }))
  expect(fetched.left).toMatchObject([{ provider: endless.url, refusal: { code: 'data.false' } }])
  expect(summary(yes(await to.exportTree(cid, { bytesMax })))).toEqual(summary(tree))
})

async function depthFirst(data: Data, cid: Cid, seen = new Set<Cid>()): Promise<Set<Cid>> {
  if (seen.has(cid)) return seen
  seen.add(cid)
  const node = yes(nodeOf((await data.store.get(cid)) as Block))
  for (const link of node.links) await depthFirst(data, link.cid, seen)
  return seen
}

/** Reads a CAR as the specification of IPLD says, with its own decoders. */
function readCar(bytes: Buffer): { header: unknown; blocks: Block[] } {
  let at = 0
  const section = () => {
    let length = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] as number
      length += (byte % 128) * scale
      if (byte < 128) break
    }
    const start = at
    at += length
    return bytes.subarray(start, at)
  }
  const header = dagCbor.decode(section())
  const blocks: Block[] = []
  while (at < bytes.length) {
    const [cid, rest] = CID.decodeFirst(section())
    const block = blockIf(ourCid(cid) as Cid, rest)
    if (block === undefined) throw new Error(`not the bytes of ${cid}`)
    expect(block.bytes.length).toBeLessThanOrEqual(limits.blockBytesMax)
    blocks.push(block)
  }
  return { header, blocks }
}
