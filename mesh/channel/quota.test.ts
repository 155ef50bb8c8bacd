import { multiaddr } from '@multiformats/multiaddr'
import { type FromNode, limits } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { both, hearing } from '../test/channels.ts'
import { settled, TestClock } from '../test/time.ts'
import type { Meter } from './ground.ts'
import { networkOf } from './network.ts'
import { type QuotaBounds, Quotas } from './quota.ts'
import { sides } from './side.ts'

const alive: FromNode = { type: 'alive' }
const protocol = 'work'
const network = '10.0.0.0/24'

function quotas(bounds: Partial<QuotaBounds> = {}) {
  const clock = new TestClock()
  const all = new Quotas({ ...limits, ...bounds }, clock)
  const enter = (peer: string, from = network): Meter | number => {
    const entered = all.enter({ peer, network: from, protocol })
    return entered.ok ? entered.value : (entered.refusal.retryMs ?? -1)
  }
  const isIn = (peer: string, from?: string) => typeof enter(peer, from) !== 'number'
  return { clock, all, enter, isIn }
}

test('a peer has so many streams of a protocol, and a place is free when one is left', () => {
  const { enter, isIn } = quotas()
  const meters = Array.from({ length: limits.streamsPerPeerMax }, () => enter('a') as Meter)
  expect(isIn('a')).toBe(false)
  expect(isIn('b')).toBe(true)
  meters[0]?.left()
  meters[0]?.left()
  expect(isIn('a')).toBe(true)
  expect(isIn('a')).toBe(false)
})

test('a network has so many streams, whoever opens them', () => {
  const { isIn } = quotas({ streamsPerNetworkMax: 10 })
  const found = Array.from({ length: 20 }, (_, i) => isIn(`peer ${i}`))
  expect(found.filter(Boolean)).toHaveLength(10)
  expect(isIn('another', '10.0.1.0/24')).toBe(true)
})

test('who opens and closes without end is told when to come again, and then let in', async () => {
  const { clock, enter } = quotas()
  for (let i = 0; i < limits.opensPerPeerMax; i++) (enter('a') as Meter).left()
  expect(enter('a')).toBe(1000)
  await clock.pass(990)
  expect(enter('a')).toBeLessThan(20)
  await clock.pass(20)
  expect(enter('a')).toBeTypeOf('object')
})

test('violations cost the peer and its network what streams cost', async () => {
  const { clock, enter, isIn } = quotas({ opensPerNetworkMax: 80 })
  for (let i = 0; i < 7; i++) {
    const meter = enter('a') as Meter
    meter.violated({ code: 'bytes.order' })
    meter.left()
  }
  expect(isIn('a')).toBe(false)
  expect(isIn('b')).toBe(true)
  for (let i = 0; i < 2; i++) (enter('c') as Meter).violated({ code: 'bytes.order' })
  expect(isIn('d')).toBe(false)
  expect(isIn('d', '10.0.1.0/24')).toBe(true)
  await clock.pass(60_000)
  expect(isIn('a')).toBe(true)
})

test('coordinators of the roster are always let in, and never slowed down', () => {
  const { all, enter } = quotas()
  all.pin(['coordinator'])
  for (let i = 0; i < 1000; i++) {
    const meter = enter('coordinator') as Meter
    meter.violated({ code: 'bytes.order' })
    expect(meter.spend(limits.frameBytesMax, limits.perFrameMax)).toBe(0)
  }
})

test('more than a measure of bytes has to wait, alone and together', async () => {
  const { clock, enter } = quotas({ peerBytesPerSecond: 40_000, networkBytesPerSecond: 100_000 })
  const [a, b, c] = ['a', 'b', 'c'].map((peer) => enter(peer) as Meter) as [Meter, Meter, Meter]
  const bytes = 10_000 - limits.messageCostBytes
  expect(a.spend(bytes, 1)).toBe(0)
  expect(a.spend(bytes, 1)).toBe(250)
  expect(b.spend(bytes, 1)).toBe(50)
  expect(c.spend(bytes, 1)).toBe(150)
  await clock.pass(1000)
  expect(c.spend(0, 19)).toBe(0)
  expect(c.spend(0, 1)).toBeGreaterThan(0)
})

test('a channel reads no faster than its meter allows, and nobody is cut for that', async () => {
  const { clock, enter } = quotas({ peerBytesPerSecond: 20_000 })
  const meter = enter('a') as Meter
  const { opener, server } = both(sides.work, { clock, meter })
  const heard = hearing<FromNode>()
  server.listen(heard)
  opener.listen(hearing(() => opener.expect(undefined)))
  opener.expect(undefined)
  for (let i = 0; i < 200; i++) {
    opener.say([alive])
    await settled()
  }
  const atOnce = heard.messages.length
  expect(atOnce).toBeLessThan(30)
  await clock.pass(limits.helloMs + 5000)
  expect(heard).toMatchObject({ over: false })
  expect(heard.messages).toHaveLength(200)
})

test('the measure of those that are gone is forgotten, but not of those that are there', () => {
  const { enter, isIn } = quotas({
    quotasMax: 100,
    streamsPerPeerMax: 1,
    opensPerNetworkMax: 10_000,
  })
  enter('here')
  for (let i = 0; i < 1000; i++) (enter(`passing ${i}`) as Meter).left()
  expect(isIn('here')).toBe(false)
})

test('an address is of the network that one person has', () => {
  const of = (address: string) => networkOf(multiaddr(address))
  expect(of('/ip4/192.168.17.4/tcp/4001')).toBe('192.168.17.0/24')
  expect(of('/ip6/2001:db8:7:8::1/tcp/4001')).toBe('2001:db8:7::/48')
  expect(of('/ip6/2001:DB8::1/udp/1/quic-v1')).toBe('2001:db8:0::/48')
  expect(of('/ip6/::1/tcp/1')).toBe('0:0:0::/48')
  expect(of('/ip6/::ffff:10.1.2.3/tcp/1')).toBe('10.1.2.0/24')
  expect(of('/dns4/example.org/tcp/1')).toBe('elsewhere')
})
