import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { networkOf } from '../channel/network.ts'
import { vouch } from '../channel/origin.ts'
import { openings, type Pace } from '../channel/pace.ts'
import type { Bounds, Reach } from './reach.ts'

/** How many may come in. */
export type DoorBounds = Pick<
  Bounds,
  | 'connectionsMax'
  | 'connectionsPerPeerMax'
  | 'connectionsPerAddressMax'
  | 'handshakesPerAddressMax'
  | 'handshakeGapMs'
  | 'banMs'
>

/**
 * Who comes in, and where this host goes. The library bounds connections in all and new ones a
 * second; it does not bound those of one key, or of one address, and ten of its places for
 * handshakes, held open by one stranger, would keep out everybody else. Those that may come in
 * begin one after the other, at the pace of all that strangers open.
 */
export class Door implements ConnectionGater {
  readonly #bounds: DoorBounds
  readonly #reach: Reach
  readonly #pace: Pace
  readonly #handshakes = new Map<string, number>()
  readonly #addresses = new Map<string, number>()
  readonly #peers = new Map<string, number>()
  #pinned: ReadonlySet<string> = new Set()
  readonly #banned = new Map<string, number>()
  #total = 0

  constructor(bounds: DoorBounds, reach: Reach, pace = openings) {
    this.#bounds = bounds
    this.#reach = reach
    this.#pace = pace
  }

  /** Lets these keys in even where the house is full: the coordinators of the roster. */
  pin(peers: ReadonlySet<string>): void {
    this.#pinned = new Set(peers)
  }

  /** Keeps this key out for a while, unless it is pinned; whether it does. */
  ban(peer: string): boolean {
    if (this.#pinned.has(peer)) return false
    if (this.#banned.size >= this.#bounds.connectionsMax) {
      for (const oldest of this.#banned.keys()) if (this.#banned.delete(oldest)) break
    }
    this.#banned.set(peer, performance.now() + this.#bounds.banMs)
    return true
  }

  denyDialMultiaddr = (address: Multiaddr): boolean => !this.#reach.conceivable(address)

  denyDialPeer = (peer: PeerId): boolean => this.#isBanned(peer.toString())

  denyInboundConnection = (connection: MultiaddrConnection): boolean | Promise<boolean> => {
    const from = placeOf(connection)
    const { handshakesPerAddressMax, connectionsPerAddressMax } = this.#bounds
    if ((this.#handshakes.get(from) ?? 0) >= handshakesPerAddressMax) return true
    if ((this.#addresses.get(from) ?? 0) >= connectionsPerAddressMax) return true
    add(this.#handshakes, from, 1)
    add(this.#addresses, from, 1)
    connection.addEventListener('close', () => {
      add(this.#addresses, from, -1)
      this.#greeted(connection)
    })
    this.#unknown.set(connection, from)
    return this.#pace.take(this.#bounds.handshakeGapMs) ? false : this.#goneMeanwhile(connection)
  }

  /** Waits for its turn, unread; whether the other end has not. */
  async #goneMeanwhile(connection: MultiaddrConnection): Promise<boolean> {
    connection.pause()
    const turn = Promise.withResolvers<void>()
    const leave = this.#pace.wait(networkOf(connection.remoteAddr), () => {
      turn.resolve()
      return this.#bounds.handshakeGapMs
    })
    connection.addEventListener('close', () => {
      leave()
      turn.resolve()
    })
    await turn.promise
    if (connection.status !== 'open') return true
    connection.resume()
    return false
  }

  denyInboundEncryptedConnection = (peer: PeerId, connection: MultiaddrConnection): boolean => {
    this.#greeted(connection)
    const key = peer.toString()
    if (this.#isBanned(key)) return true
    const { connectionsMax, connectionsPerPeerMax } = this.#bounds
    if ((this.#peers.get(key) ?? 0) >= connectionsPerPeerMax) return true
    if (this.#total >= connectionsMax && !this.#pinned.has(key)) return true
    // What the roster's own open waits for no stranger.
    if (this.#pinned.has(key)) vouch(connection)
    this.#total++
    add(this.#peers, key, 1)
    connection.addEventListener('close', () => {
      this.#total--
      add(this.#peers, key, -1)
    })
    return false
  }

  readonly #unknown = new Map<MultiaddrConnection, string>()

  /** The other end has said who it is, or is gone. */
  #greeted(connection: MultiaddrConnection): void {
    const from = this.#unknown.get(connection)
    if (from === undefined) return
    this.#unknown.delete(connection)
    add(this.#handshakes, from, -1)
  }

  #isBanned(peer: string): boolean {
    const until = this.#banned.get(peer)
    if (until === undefined) return false
    if (performance.now() < until) return true
    this.#banned.delete(peer)
    return false
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

/** An address as one person has it: of IPv6 the first 64 bits. */
function placeOf({ remoteAddr }: MultiaddrConnection): string {
  const [host] = remoteAddr.getComponents()
  if (host?.name !== 'ip6' || host.value === undefined) return host?.value ?? ''
  const [head = '', tail] = host.value.split('::')
  const groups = head.split(':')
  if (tail === undefined) return groups.slice(0, 4).join(':')
  const rest = tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0')
  return [...groups, ...zeros, ...rest].slice(0, 4).join(':')
}
