import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { scheduler } from 'node:timers/promises'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { type Cid, cidBytes, cidOf, limits, sha256 } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { encodeMessage, type Field, varintBytes, writeVarint } from '../data/protobuf.ts'
import { temporary } from '../data/test/rig.ts'
import { openStockedMesh, type StockedMesh } from '../index.ts'
import { attacker, meshOfTest, nodeOf, opened, openFork, until } from './scene.ts'

const MiB = 1024 * 1024
const bitswap = '/ipfs/bitswap/1.2.0'
const directory = `/nexapod/kad/1/${meshOfTest}`

/** A coordinator with a store of blocks in this directory. */
function stocked(path: string): Promise<StockedMesh> {
  return openStockedMesh({
    mesh: meshOfTest,
    seed: randomBytes(32),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    known: [],
    roster: [],
    openFork,
    now: Date.now,
    data: { directory: path, bytesMax: 4096 * MiB, mayServe: (_, { sealed }) => !sealed },
  })
}

/** A message of a protocol of the library, with its length in front. */
function framed(fields: readonly Field[]): Uint8Array {
  const message = encodeMessage(fields)
  const head = new Uint8Array(varintBytes(message.length))
  writeVarint(head, 0, message.length)
  return Buffer.concat([head, message])
}

/** A message of bitswap that wants these blocks. */
function wants(cids: readonly Cid[]): Uint8Array {
  const entries = cids.map((cid) => ({
    field: 1,
    bytes: encodeMessage([
      { field: 1, bytes: cidBytes(cid) as Uint8Array },
      { field: 2, value: 1 },
    ]),
  }))
  return framed([{ field: 1, bytes: encodeMessage(entries) }])
}

/** Sends all of it, as fast as it is taken. */
async function send(stream: Stream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length && stream.status === 'open'; at += 32 * 1024) {
    if (stream.send(bytes.subarray(at, at + 32 * 1024))) continue
    await new Promise((resolve) => {
      stream.addEventListener('drain', resolve, { once: true })
      stream.addEventListener('close', resolve, { once: true })
    })
  }
}

test('who wants four hundred blocks in one message, and reads none, fills no memory', async () => {
  await using disk = await temporary()
  await using mesh = await stocked(disk.path)
  const cids: Cid[] = []
  for (let i = 0; i < 400; i++) {
    const tree = { bytes: randomBytes(MiB) }
    await mesh.data.importTree(tree, { bytesMax: MiB, pin: `${i}`, sealed: false })
    cids.push(cidOf('raw', sha256(tree.bytes)))
  }
  const evil = await attacker()
  let begun = 0
  await evil.handle(bitswap, (stream) => {
    begun++
    stream.pause()
  })
  const before = process.memoryUsage().rss
  const stream = await evil.dialProtocol(mesh.host.libp2p.getMultiaddrs(), bitswap)
  stream.send(wants(cids))
  await until(() => begun > 0)
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * MiB)
  await evil.stop()
})

test('who wants more than one message carries gets it in several', async () => {
  await using disk = await temporary()
  await using mesh = await stocked(disk.path)
  const cids: Cid[] = []
  for (let i = 0; i < 9; i++) {
    const tree = { bytes: randomBytes(MiB) }
    await mesh.data.importTree(tree, { bytesMax: MiB, pin: `${i}`, sealed: false })
    cids.push(cidOf('raw', sha256(tree.bytes)))
  }
  const peer = await attacker()
  let came = 0
  await peer.handle(bitswap, (stream) => {
    stream.addEventListener('message', ({ data }) => {
      came += data.byteLength
    })
  })
  const stream = await peer.dialProtocol(mesh.host.libp2p.getMultiaddrs(), bitswap)
  stream.send(wants(cids))
  await until(() => came > 9 * MiB)
  await peer.stop()
})

test('the directory keeps no record of megabytes', async () => {
  await using mesh = await opened()
  const { publicKey } = await generateKeyPair('Ed25519')
  const key = Buffer.concat([Buffer.from('/pk/'), publicKey.toMultihash().bytes])
  const answersTo = async (padding: number) => {
    const evil = await attacker()
    const padded = encodeMessage([{ field: 9, bytes: new Uint8Array(padding) }])
    const value = Buffer.concat([publicKeyToProtobuf(publicKey), padded])
    const record = encodeMessage([
      { field: 1, bytes: key },
      { field: 2, bytes: value },
    ])
    const stream = await evil.dialProtocol(mesh.host.libp2p.getMultiaddrs(), directory)
    const answer = Promise.withResolvers<boolean>()
    stream.addEventListener('message', () => answer.resolve(true))
    stream.addEventListener('close', () => answer.resolve(false))
    await send(
      stream,
      framed([
        { field: 1, value: 0 },
        { field: 2, bytes: key },
        { field: 3, bytes: record },
      ]),
    )
    const answered = await answer.promise
    await evil.stop()
    return answered
  }
  expect(await answersTo(0)).toBe(true)
  expect(await answersTo(MiB)).toBe(false)
})

/** A search of the directory for a key, which is answered on the same stream. */
const search = framed([
  { field: 1, value: 4 },
  { field: 2, bytes: randomBytes(32) },
])

/** A want of bitswap for what is not there, and that this is to be said. */
const want = framed([
  {
    field: 1,
    bytes: encodeMessage([
      {
        field: 1,
        bytes: encodeMessage([
          { field: 1, bytes: cidBytes(cidOf('raw', sha256(randomBytes(8)))) as Uint8Array },
          { field: 2, value: 1 },
          { field: 5, value: 1 },
        ]),
      },
    ]),
  },
])

test.each([
  ['the directory', directory, search],
  ['bitswap', bitswap, want],
])('half messages to %s do not keep out another network', async (_, protocol, question) => {
  await using mesh = await opened()
  const there = mesh.host.libp2p.getMultiaddrs()
  const begin = async (from: Libp2p) => {
    const stream = await from.dialProtocol(there, protocol)
    stream.send(Uint8Array.of(0x80, 0x80, 0x40, 1, 2, 3))
    return stream
  }
  const evil = await Promise.all(Array.from({ length: 8 }, () => attacker()))
  const opening = evil.flatMap((one) => Array.from({ length: 8 }, () => begin(one)))
  const streams = (await Promise.allSettled(opening)).filter((one) => one.status === 'fulfilled')
  const open = () => streams.filter(({ value }) => value.status === 'open').length
  // The library gives up on them after ten seconds.
  await until(() => open() <= limits.libraryStreamsPerNetworkMax, 4000)
  expect(open()).toBeGreaterThan(0)
  const honest = await attacker({}, '127.0.1.66')
  const answer = Promise.withResolvers<void>()
  await honest.handle(bitswap, () => answer.resolve())
  const stream = await honest.dialProtocol(there, protocol)
  stream.addEventListener('message', () => answer.resolve())
  stream.send(question)
  await answer.promise
  await Promise.all([...evil, honest].map((one) => one.stop()))
})

test.each([
  ['may be', 8],
  ['may not be', 64],
])('a frame of gossip that is as long as it %s, and half of it, is not much', async (_, times) => {
  const child = fork(new URL('listening.ts', import.meta.url), { execArgv: [] })
  const [there] = (await once(child, 'message')) as [string[]]
  const memory = async () => {
    child.send('how much')
    return ((await once(child, 'message')) as [number])[0]
  }
  const peers = await Promise.all(Array.from({ length: 60 }, () => attacker()))
  const before = await memory()
  const length = times * limits.gossipBytesMax
  const half = new Uint8Array(length - 1)
  writeVarint(half, 0, length)
  const sending = peers.map(async (peer) => {
    const stream = await peer.dialProtocol(
      there.map((one) => multiaddr(one)),
      '/meshsub/1.2.0',
    )
    await Promise.race([send(stream, half), scheduler.wait(3000)])
  })
  await Promise.all(sending)
  // Of one address there are connectionsPerAddressMax of them: 8 times as many.
  expect((await memory()) - before).toBeLessThan(40 * MiB)
  await Promise.all(peers.map((peer) => peer.stop()))
  child.disconnect()
  await once(child, 'exit')
})

test('a place at a relay is free again when its node is gone', async () => {
  await using coordinator = await opened()
  const { reservations } = coordinator.host.libp2p.services.relay as {
    readonly reservations: { readonly size: number }
  }
  const node = await nodeOf(coordinator, { relayed: true })
  await until(() => reservations.size === 1)
  await node[Symbol.asyncDispose]()
  await until(() => reservations.size === 0)
})
