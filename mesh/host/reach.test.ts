import { multiaddr } from '@multiformats/multiaddr'
import { limits } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { Reach } from './reach.ts'

const at = multiaddr

function reach(...known: readonly string[]): Reach {
  const one = new Reach(limits)
  for (const address of known) one.know(at(address))
  return one
}

describe('what a peer names', () => {
  test.each([
    ['a host outside', '/ip4/52.0.0.1/tcp/4001', true],
    ['a host outside, of the other family', '/ip6/2a00::1/tcp/4001', true],
    ['the same through a relay', '/ip4/52.0.0.1/tcp/4001/p2p/x/p2p-circuit', true],
    ['a mail server', '/ip4/52.0.0.1/tcp/25', false],
    ['a host of this network', '/ip4/192.168.1.1/tcp/4001', false],
    ['this machine', '/ip4/127.0.0.1/tcp/4001', false],
    ['this machine, of the other family', '/ip6/::1/tcp/4001', false],
    ['a link', '/ip6/fe80::1/tcp/4001', false],
    ['a cloud’s own address', '/ip4/169.254.169.254/tcp/8080', false],
    ['everybody', '/ip4/224.0.0.251/tcp/5353', false],
    ['a name, which would have to be looked up', '/dns4/example.org/tcp/4001', false],
    ['a file', '/unix/tmp%2Fx', false],
    ['a datagram', '/ip4/52.0.0.1/udp/4001', false],
  ])('%s: %s is conceivable: %s', (_, address, expected) => {
    const text = address.replace('/p2p/x/', `/p2p/${key}/`)
    expect(reach().conceivable(at(text))).toBe(expected)
  })

  test('may be inside a network if what was configured is', () => {
    const inside = reach('/ip4/192.168.1.1/tcp/4001')
    expect(inside.conceivable(at('/ip4/192.168.1.7/tcp/5000'))).toBe(true)
    expect(reach('/ip4/52.0.0.1/tcp/80').conceivable(at('/ip4/192.168.1.7/tcp/5000'))).toBe(false)
  })

  test('is followed so often for one host, and so often for all in a minute', () => {
    const one = reach()
    const spent = (address: string, now: number) => one.spend(at(address), now)
    const ports = Array.from({ length: 100 }, (_, i) => `/ip4/52.0.0.1/tcp/${5000 + i}`)
    expect(ports.filter((port) => spent(port, 0))).toHaveLength(limits.hintedDialsPerAddressMax)
    const hosts = Array.from({ length: 1000 }, (_, i) => `/ip4/53.0.${i >> 8}.${i & 255}/tcp/4001`)
    const left = limits.hintedDialsPerMinuteMax - limits.hintedDialsPerAddressMax
    expect(hosts.filter((host) => spent(host, 1))).toHaveLength(left)
    expect(spent('/ip4/54.0.0.1/tcp/4001', 59_999)).toBe(false)
    expect(spent('/ip4/54.0.0.1/tcp/4001', 60_001)).toBe(true)
    expect(spent(ports[0] as string, 60_001)).toBe(false)
    expect(spent(ports[0] as string, limits.pauseMsMax + 1)).toBe(true)
  })

  test('costs nothing where it was no lie', () => {
    const one = reach()
    for (let i = 0; i < 100; i++) {
      const address = at('/ip4/52.0.0.1/tcp/4001')
      expect(one.spend(address, i)).toBe(i < limits.hintedDialsPerMinuteMax)
      one.proven(address)
    }
  })
})

test('what was configured is always dialled, by name and at any port', () => {
  const one = reach('/dns4/example.org/tcp/443', '/ip4/52.0.0.1/tcp/80')
  for (let i = 0; i < 1000; i++) {
    expect(one.spend(at('/dns4/example.org/tcp/443'), 0)).toBe(true)
    expect(one.spend(at('/ip4/52.0.0.1/tcp/80'), 0)).toBe(true)
  }
  expect(one.isKnown(at(`/ip4/52.0.0.1/tcp/80/p2p/${key}`))).toBe(true)
  expect(one.isKnown(at(`/ip4/52.0.0.1/tcp/80/p2p/${key}/p2p-circuit`))).toBe(false)
})

const key = '12D3KooWHFrmLWTTDD4NodngtRMEVYgxrsDMp4F9iSwYntZ9WjHa'
