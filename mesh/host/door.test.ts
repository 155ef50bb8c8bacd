import { randomBytes } from 'node:crypto'
import type { MultiaddrConnection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { ed25519, limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { Pace } from '../channel/pace.ts'
import { settled, TestClock } from '../test/time.ts'
import { Door } from './door.ts'
import { Reach } from './reach.ts'

const bounds = {
  ...limits,
  connectionsMax: 6,
  connectionsPerAddressMax: 5,
  handshakesPerAddressMax: 3,
}

/** A door at which nobody waits for another. */
function door(): Door {
  return new Door({ ...bounds, handshakeGapMs: 0 }, new Reach(limits), new Pace(new TestClock()))
}

type Came = MultiaddrConnection & EventTarget & { isRead: boolean }

/** A socket that came from there: of a connection, the door sees no more. */
function from(address: string): Came {
  const remoteAddr = multiaddr(address)
  const read = { isRead: true, pause: () => {}, resume: () => {} }
  const socket = Object.assign(new EventTarget(), read, { remoteAddr, status: 'open' })
  socket.pause = () => {
    socket.isRead = false
  }
  socket.resume = () => {
    socket.isRead = true
  }
  return socket as unknown as Came
}

function somebody() {
  return peerIdFromString(ed25519.signer(randomBytes(32)).id)
}

function close(connection: EventTarget): void {
  connection.dispatchEvent(new Event('close'))
}

describe('a door', () => {
  test('lets so many of one address begin, and another when one has said who it is', () => {
    const one = door()
    const came = Array.from({ length: 4 }, () => from('/ip4/192.0.2.1/tcp/5000'))
    expect(came.map(one.denyInboundConnection)).toEqual([false, false, false, true])
    expect(one.denyInboundConnection(from('/ip4/192.0.2.2/tcp/5000'))).toBe(false)
    const [first, second] = came as [Came, Came, ...Came[]]
    expect(one.denyInboundEncryptedConnection(somebody(), first)).toBe(false)
    expect(one.denyInboundConnection(from('/ip4/192.0.2.1/tcp/5001'))).toBe(false)
    expect(one.denyInboundConnection(from('/ip4/192.0.2.1/tcp/5002'))).toBe(true)
    close(second)
    expect(one.denyInboundConnection(from('/ip4/192.0.2.1/tcp/5003'))).toBe(false)
  })

  test.each([
    ['/ip6/2001:db8::1/tcp/1', '/ip6/2001:db8:0:0:1::/tcp/1', true],
    ['/ip6/2001:db8:1:2:3:4:5:6/tcp/1', '/ip6/2001:db8:1:2::/tcp/1', true],
    ['/ip6/2001:db8:1:2::/tcp/1', '/ip6/2001:db8:1:3::/tcp/1', false],
  ])('takes %s and %s for one address: %s', (a, b, same) => {
    const one = door()
    for (let i = 0; i < bounds.handshakesPerAddressMax; i++) void one.denyInboundConnection(from(a))
    expect(one.denyInboundConnection(from(b))).toBe(same)
  })

  test('lets so many of one address stay, and of one key', () => {
    const one = door()
    const enter = (peer: ReturnType<typeof somebody>, address: string) => {
      const connection = from(address)
      if (one.denyInboundConnection(connection) === true) return false
      return !one.denyInboundEncryptedConnection(peer, connection)
    }
    const there = '/ip4/192.0.2.1/tcp/5000'
    const all = Array.from({ length: 6 }, () => enter(somebody(), there))
    expect(all).toEqual([true, true, true, true, true, false])

    const other = door()
    const same = somebody()
    const enterOther = () => {
      const connection = from('/ip4/192.0.2.1/tcp/5000')
      void other.denyInboundConnection(connection)
      return !other.denyInboundEncryptedConnection(same, connection)
    }
    const kept = Array.from({ length: 5 }, enterOther)
    expect(kept).toEqual([true, true, true, true, false])
  })

  test('lets those who come at once begin one after the other, and reads none before', async () => {
    const clock = new TestClock()
    const one = new Door(bounds, new Reach(limits), new Pace(clock))
    const came = [1, 2, 3].map((i) => from(`/ip4/192.0.2.${i}/tcp/5000`))
    const [first, ...others] = came.map(one.denyInboundConnection)
    expect(first).toBe(false)
    const denied: unknown[] = []
    for (const other of others) void Promise.resolve(other).then((is) => denied.push(is))
    expect(came.map(({ isRead }) => isRead)).toEqual([true, false, false])
    await clock.pass(limits.handshakeGapMs)
    expect(came.map(({ isRead }) => isRead)).toEqual([true, true, false])
    expect(denied).toEqual([false])
    const [, , last] = came as [object, object, EventTarget]
    close(Object.assign(last, { status: 'closed' }))
    await settled()
    expect(denied).toEqual([false, true])
  })

  test('is open to the roster when the house is full, and shut to who was put out', () => {
    const one = door()
    const enter = (peer: ReturnType<typeof somebody>, i: number) => {
      const connection = from(`/ip4/192.0.2.${i}/tcp/5000`)
      void one.denyInboundConnection(connection)
      return !one.denyInboundEncryptedConnection(peer, connection)
    }
    for (let i = 0; i < bounds.connectionsMax; i++) expect(enter(somebody(), i)).toBe(true)
    const [stranger, boss] = [somebody(), somebody()]
    one.pin(new Set([boss.toString()]))
    expect(enter(stranger, 100)).toBe(false)
    expect(enter(boss, 101)).toBe(true)
    expect(one.ban(boss.toString())).toBe(false)
    expect(one.ban(stranger.toString())).toBe(true)
    expect(one.denyDialPeer(stranger)).toBe(true)
    expect(one.denyDialPeer(boss)).toBe(false)
  })
})
