import type { Multiaddr } from '@multiformats/multiaddr'

/** What whatever has no address of the internet is counted as. */
export const elsewhere = 'elsewhere'

/**
 * The network that an address is of, as one person has it: the /24 of IPv4, the /48 of IPv6. Of
 * one that is relayed it is the relay's: the rest is what somebody says.
 */
export function networkOf(address: Multiaddr): string {
  for (const { name, value = '' } of address.getComponents()) {
    if (name === 'ip4') return network4(value)
    if (name === 'ip6') return network6(value)
  }
  return elsewhere
}

function network4(address: string): string {
  return `${address.split('.').slice(0, 3).join('.')}.0/24`
}

function network6(address: string): string {
  const [head = '', tail = ''] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const behind = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - behind.length }, () => '0')
  const groups = [...before, ...zeros, ...behind].map((group) => Number.parseInt(group, 16))
  const [a = 0, b = 0, c = 0, , , f = 0, g = 0, h = 0] = groups
  // An address of IPv4 in the clothes of IPv6.
  if (f === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return network4(`${g >> 8}.${g & 255}.${h >> 8}.0`)
  }
  return `${a.toString(16)}:${b.toString(16)}:${c.toString(16)}::/48`
}
