import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf, Turnstile } from './address.ts'

describe('an address', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    [undefined, 'gone'],
  ])('%s is counted as %s', (ip, as) => {
    expect(addressOf(ip)).toBe(as)
  })

  test('of IPv6 is counted with all of its /64, and with no other', () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    const groups = fc.array(group, { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        const text = (all: number[]) => all.map((one) => one.toString(16)).join(':')
        const [one, two] = [addressOf(text(a)), addressOf(text(b))]
        expect(one === two).toBe(text(a.slice(0, 4)) === text(b.slice(0, 4)))
        expect(addressOf(text([...a.slice(0, 4), ...b.slice(4)]))).toBe(one)
      }),
    )
  })
})

test('a turnstile lets in as many as may be, in all and of each, and counts who leaves', () => {
  const turnstile = new Turnstile(3, 2)
  expect(['a', 'a', 'a', 'b', 'c'].map((one) => turnstile.enter(one))).toEqual([
    ...[true, true, false, true, false],
  ])
  turnstile.leave('a')
  expect([turnstile.size, turnstile.enter('c'), turnstile.enter('b')]).toEqual([2, true, false])
  expect(() => turnstile.leave('d')).toThrow('nobody of d is in')
})
