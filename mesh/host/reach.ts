import { BlockList, isIP } from 'node:net'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { limits } from '@nexapod/specs'

/** The limits of the contract, or others in their place. */
export type Bounds = { readonly [Name in keyof typeof limits]: number }

/** What may be dialled on somebody's word alone. */
export type ReachBounds = Pick<
  Bounds,
  'hintedDialsPerMinuteMax' | 'hintedDialsPerAddressMax' | 'pauseMsMax'
>

const privateNets = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  privateNets.addSubnet(net, bits, 'ipv4')
}
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  privateNets.addSubnet(net, bits, 'ipv6')
}

/** The least port that a stranger may send us to: below it are mail, shells and databases. */
const portMin = 1024

interface Place {
  readonly name: string
  readonly port: number
  /** Undefined where it is a name, which has to be looked up. */
  readonly ip: 'ipv4' | 'ipv6' | undefined
}

/**
 * Where this host may dial. What was configured, and what the roster names, always. What a peer
 * said (in an identify, in an answer of the directory, in a hole punch) only so often: a word costs
 * nothing, and a thousand hosts that believe it are a weapon.
 */
export class Reach {
  readonly #bounds: ReachBounds
  readonly #known = new Set<string>()
  /** Hinted addresses by their IP: how often each was dialled in the current window. */
  readonly #dialled = new Map<string, number>()
  #windowUntil = 0
  #left = 0
  #minuteUntil = 0
  #inside: boolean

  /** `inside`: addresses of a network that has no others may be dialled as well. */
  constructor(bounds: ReachBounds, inside = false) {
    this.#bounds = bounds
    this.#inside = inside
  }

  /** Takes in an address that somebody who is believed named: an operator, or the roster. */
  know(address: Multiaddr): void {
    const place = placeOf(address)
    if (place === undefined) return
    this.#known.add(`${place.name} ${place.port}`)
    // Who is told to dial inside a network is in it, and so are the others that it hears of.
    if (place.ip !== undefined && privateNets.check(place.name, place.ip)) this.#inside = true
  }

  /** Whether somebody who is believed named it. Through a relay, nobody is where it says. */
  isKnown(address: Multiaddr): boolean {
    const place = address.getComponents().some(({ name }) => name === 'p2p-circuit')
      ? undefined
      : placeOf(address)
    return place !== undefined && this.#isKnown(place)
  }

  /** Whether that is an address which a stranger's word could lead to at all. */
  conceivable(address: Multiaddr): boolean {
    const place = placeOf(address)
    if (place === undefined) return false
    if (this.#isKnown(place)) return true
    if (place.ip === undefined || place.port < portMin) return false
    return this.#inside || !privateNets.check(place.name, place.ip)
  }

  /** Whether it may be dialled now; asked once for each dial, since a hint is spent by it. */
  spend(address: Multiaddr, now: number): boolean {
    const place = placeOf(address)
    if (place === undefined || !this.conceivable(address)) return false
    if (this.#isKnown(place)) return true
    if (now >= this.#minuteUntil) {
      this.#minuteUntil = now + 60_000
      this.#left = this.#bounds.hintedDialsPerMinuteMax
    }
    if (now >= this.#windowUntil) {
      this.#windowUntil = now + this.#bounds.pauseMsMax
      this.#dialled.clear()
    }
    const before = this.#dialled.get(place.name) ?? 0
    if (this.#left <= 0 || before >= this.#bounds.hintedDialsPerAddressMax) return false
    this.#left--
    this.#dialled.set(place.name, before + 1)
    return true
  }

  /** A hinted address proved its key: then it was no lie, and costs nothing. */
  proven(address: Multiaddr): void {
    const name = placeOf(address)?.name
    if (name === undefined) return
    const before = this.#dialled.get(name)
    if (before !== undefined) this.#dialled.set(name, before - 1)
  }

  #isKnown({ name, port }: Place): boolean {
    return this.#known.has(`${name} ${port}`)
  }
}

/** Host and port of an address; of a relayed one those of its relay, who is dialled. */
function placeOf(address: Multiaddr): Place | undefined {
  const [host, tcp] = address.getComponents()
  if (host?.value === undefined || tcp?.name !== 'tcp' || tcp.value === undefined) return undefined
  const family = isIP(host.value)
  if (family === 0 && !/^dns[46]?$/.test(host.name)) return undefined
  const ip = family === 4 ? 'ipv4' : family === 6 ? 'ipv6' : undefined
  return { name: host.value, port: Number(tcp.value), ip }
}
