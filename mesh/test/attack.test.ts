import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { encode, limits, type PeerId, topics } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { gossipSettings, topicOf } from '../host/gossip.ts'
import type { HostedMesh } from '../index.ts'
import { attacker, beacon, key, meshOfTest, nodeOf, opened, until } from './scene.ts'

const MiB = 1024 * 1024

function portOf(mesh: HostedMesh): number {
  return Number(multiaddr(mesh.addresses()[0]).getComponents()[1]?.value)
}

function memory(): number {
  return process.memoryUsage().rss
}

test('a thousand connections of one key: four stay, and everybody else comes in', async () => {
  await using coordinator = await opened()
  const before = memory()
  const privateKey = await generateKeyPair('Ed25519')
  const there = coordinator.host.libp2p.getMultiaddrs()
  // The library makes one connection of all dials to a peer, so that many hosts have the one key.
  const evil = await Promise.all(Array.from({ length: 20 }, () => attacker({ privateKey })))
  let made = 0
  const dialling = evil.map(async (one) => {
    for (let i = 0; i < 50; i++) {
      await one.dial(there, { force: true }).then(
        () => made++,
        () => made++,
      )
    }
  })
  await using honest = await nodeOf(coordinator)
  expect(honest.host.libp2p.getConnections()).toHaveLength(1)
  const { libp2p } = coordinator.host
  const [{ peerId }] = evil as [Libp2p]
  let most = 0
  while (made < 1000) {
    most = Math.max(most, libp2p.getConnections(peerId).length)
    await setImmediate()
  }
  await Promise.all(dialling)
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(limits.connectionsPerPeerMax)
  expect(memory() - before).toBeLessThan(256 * MiB)
  await Promise.all(evil.map((one) => one.stop()))
})

test('a thousand that never say who they are: few are held, and not for long', async () => {
  const bounds = { handshakeMs: 4000, connectionsPerSecondMax: 10_000 }
  await using coordinator = await opened({ bounds })
  const sockets: Socket[] = []
  let [came, open] = [0, 0]
  for (let i = 0; i < 1000; i++) {
    const socket = connect({
      port: portOf(coordinator),
      host: '127.0.0.1',
      localAddress: '127.0.0.66',
    })
    socket.on('connect', () => {
      came++
      open++
    })
    socket.on('close', () => open--)
    socket.on('error', () => socket.destroy())
    sockets.push(socket)
  }
  const soon = bounds.handshakeMs - 500
  await until(() => came === 1000 && open > 0 && open <= limits.handshakesPerAddressMax, soon)
  const start = performance.now()
  await using honest = await nodeOf(coordinator)
  expect(honest.host.libp2p.getConnections()).toHaveLength(1)
  expect(performance.now() - start).toBeLessThan(bounds.handshakeMs)
  await until(() => open === 0)
  for (const socket of sockets) socket.destroy()
})

test('a peer that lies about its addresses: a stranger is dialled a few times', async () => {
  let dialled = 0
  const strangers = Array.from({ length: 20 }, () => {
    return createServer((socket) => {
      dialled++
      socket.destroy()
    }).listen(0, '127.0.0.1')
  })
  await Promise.all(strangers.map((stranger) => once(stranger, 'listening')))
  const lies = strangers.map((stranger) => {
    return `/ip4/127.0.0.1/tcp/${(stranger.address() as AddressInfo).port}`
  })
  await using coordinator = await opened()
  const { libp2p } = coordinator.host
  for (let round = 0; round < 20; round++) {
    const evil = await attacker({
      addresses: { appendAnnounce: [...lies, '/dns4/localhost/tcp/9'] },
    })
    await evil.dial(libp2p.getMultiaddrs())
    await until(async () => {
      if (!(await libp2p.peerStore.has(evil.peerId))) return false
      return (await libp2p.peerStore.get(evil.peerId)).addresses.length > 0
    })
    await evil.stop()
    await until(() => libp2p.getConnections(evil.peerId).length === 0)
    await expect(libp2p.dial(evil.peerId)).rejects.toThrow()
  }
  expect(dialled).toBeGreaterThan(0)
  expect(dialled).toBeLessThanOrEqual(limits.hintedDialsPerAddressMax)
  for (const stranger of strangers) stranger.close()
})

test('a flood of what does not open: the key is kept out, and others hear each other', async () => {
  const boss = key()
  const roster = [{ coordinator: boss.id, addresses: [] }]
  await using coordinator = await opened({ seed: boss.seed, roster })
  await using node = await nodeOf(coordinator, { roster })
  const before = memory()
  const heard: number[] = []
  node.on('beacon', ({ says }) => heard.push(says.issued))
  const evil = await attacker({
    services: {
      identify: identify({ protocolPrefix: 'nexapod' }),
      gossip: gossipsub({ ...gossipSettings(meshOfTest), allowPublishToZeroTopicPeers: false }),
    },
  })
  const gossip = evil.services.gossip as GossipSub
  for (const name of ['beacon', 'checkpoint', 'fork'] as const) {
    gossip.subscribe(topicOf(name, meshOfTest))
  }
  const { libp2p } = coordinator.host
  await evil.dial(libp2p.getMultiaddrs())
  const topic = topicOf('beacon', meshOfTest)
  await until(() => gossip.getSubscribers(topic).length > 0)
  const forged = encode(topics.beacon.message, {
    ...beacon(boss),
    signatures: [new Uint8Array(64)],
  })
  let sent = 0
  for (; sent < 100_000 && gossip.getSubscribers(topic).length > 0; sent++) {
    const bytes = Uint8Array.from(forged)
    // Another false signature each time: each is another message.
    new DataView(bytes.buffer).setUint32(bytes.length - 8, sent)
    await gossip.publish(topic, bytes).catch(() => undefined)
    if (sent % 16 === 0) await setImmediate()
  }
  await until(() => libp2p.getConnections(evil.peerId).length === 0)
  await evil.dial(libp2p.getMultiaddrs()).catch(() => undefined)
  await until(() => evil.getConnections().length === 0)
  const said = beacon(boss)
  await coordinator.publish('beacon', said)
  await until(() => heard.length > 0)
  expect(heard).toHaveLength(1)
  expect(sent).toBeLessThan(100_000)
  expect(memory() - before).toBeLessThan(256 * MiB)
  await evil.stop()
})

test('a stranger that plays the relay is refused, and told to nobody', async () => {
  await using coordinator = await opened()
  await using node = await nodeOf(coordinator, { relayed: true })
  await until(() => node.addresses().length === 1)
  const evil = await attacker({ addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  const there = evil.getMultiaddrs().map(String)
  const dialled = await node.dial(
    evil.peerId.toString() as PeerId,
    there,
    AbortSignal.timeout(9000),
  )
  expect(dialled).toMatchObject({ ok: true })
  await until(() => evil.getConnections().length === 1)
  const [connection] = evil.getConnections() as [Connection]
  const stream = await connection.newStream('/libp2p/circuit/relay/0.2.0/stop')
  await until(() => stream.status !== 'open')
  expect(node.addresses()).toEqual([expect.stringContaining(coordinator.peer)])
  await evil.stop()
})
