import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { encode, limits, topics } from '@nexapod/specs'
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
  const bounds = { handshakeMs: 1500, connectionsPerSecondMax: 10_000 }
  await using coordinator = await opened({ bounds })
  const sockets: Socket[] = []
  let open = 0
  for (let i = 0; i < 1000; i++) {
    const socket = connect({
      port: portOf(coordinator),
      host: '127.0.0.1',
      localAddress: '127.0.0.66',
    })
    socket.on('connect', () => open++)
    socket.on('close', () => open--)
    socket.on('error', () => socket.destroy())
    sockets.push(socket)
  }
  await until(() => open > 0 && open <= limits.handshakesPerAddressMax)
  const start = performance.now()
  await using honest = await nodeOf(coordinator)
  expect(honest.host.libp2p.getConnections()).toHaveLength(1)
  expect(performance.now() - start).toBeLessThan(bounds.handshakeMs)
  await until(() => open === 0)
  for (const socket of sockets) socket.destroy()
})

test('a peer that lies about its addresses: a stranger is dialled a few times at most', async () => {
  let dialled = 0
  const stranger = createServer((socket) => {
    dialled++
    socket.destroy()
  })
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { port } = stranger.address() as { port: number }
  const lies = Array.from({ length: 100 }, (_, i) => `/ip4/127.0.0.1/tcp/${i === 0 ? port : 1 + i}`)
  await using coordinator = await opened()
  const { libp2p } = coordinator.host
  for (let round = 0; round < 20; round++) {
    const evil = await attacker({
      addresses: { appendAnnounce: [...lies, `/dns4/localhost/tcp/${port}`] },
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
  stranger.close()
})

test('a key that floods with what does not open is kept out; the others hear each other', async () => {
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
