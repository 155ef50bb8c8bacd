import { type Answer, accept, type Refusal, refuse } from '@nexapod/specs'
import { Bucket } from './bucket.ts'
import type { Clock } from './clock.ts'
import type { Meter } from './ground.ts'

/** How much others may do. */
export type QuotaBounds = Record<
  | 'streamsPerPeerMax'
  | 'streamsPerNetworkMax'
  | 'opensPerPeerMax'
  | 'opensPerNetworkMax'
  | 'peerBytesPerSecond'
  | 'networkBytesPerSecond'
  | 'messageCostBytes'
  | 'opensPerViolationMax'
  | 'quotasMax',
  number
>

/** Who opens a stream. */
export interface Opener {
  readonly peer: string
  /** The network that it comes from, as `networkOf` calls it. */
  readonly network: string
  /** The protocol of the stream: each has its own number of them. */
  readonly protocol: string
}

/** What is known of a peer, or of a network. */
interface Account {
  /** Streams that are open, by protocol. */
  readonly streams: Map<string, number>
  readonly opens: Bucket
  readonly bytes: Bucket
}

/**
 * What peers and their networks may do to one process: streams at once, streams in a time, bytes in
 * a time. Each violation costs what some streams cost, so whoever breaks rules comes back slower
 * and slower. Coordinators of the roster are always let in.
 */
export class Quotas {
  readonly #bounds: QuotaBounds
  readonly #clock: Clock
  readonly #pinned = new Set<string>()
  readonly #peers = new Map<string, Account>()
  readonly #networks = new Map<string, Account>()

  constructor(bounds: QuotaBounds, clock: Clock) {
    this.#bounds = bounds
    this.#clock = clock
  }

  /** These are always let in: the coordinators of the roster. */
  pin(peers: Iterable<string>): void {
    this.#pinned.clear()
    for (const peer of peers) this.#pinned.add(peer)
  }

  /** Lets a stream in, with the meter that its channel runs by, or says when to come again. */
  enter(opener: Opener): Answer<Meter> {
    if (this.#pinned.has(opener.peer)) return accept(freely)
    const { streamsPerPeerMax, streamsPerNetworkMax } = this.#bounds
    const peer = this.#peer(opener.peer)
    const network = this.#network(opener.network)
    const now = this.#clock.now()
    const { protocol } = opener
    // A full house costs no opens: whoever waits for its place would never get in.
    const here = peer.streams.get(protocol) ?? 0
    const there = network.streams.get(protocol) ?? 0
    if (here >= streamsPerPeerMax || there >= streamsPerNetworkMax) {
      return refuse('wire.rate', { retryMs: 1000 })
    }
    const retryMs = Math.max(peer.opens.wait(1, now), network.opens.wait(1, now))
    if (retryMs > 0) return refuse('wire.rate', { retryMs })
    for (const account of [peer, network]) {
      account.opens.spend(1, now)
      account.streams.set(protocol, (account.streams.get(protocol) ?? 0) + 1)
    }
    return accept(this.#meter(opener, peer, network))
  }

  #meter({ protocol }: Opener, peer: Account, network: Account): Meter {
    const accounts = [peer, network]
    const { messageCostBytes, opensPerViolationMax } = this.#bounds
    let left = false
    return {
      spend: (bytes, messages) => {
        const now = this.#clock.now()
        const cost = bytes + messages * messageCostBytes
        return Math.max(peer.bytes.spend(cost, now), network.bytes.spend(cost, now))
      },
      violated: (_refusal: Refusal) => {
        const now = this.#clock.now()
        for (const { opens } of accounts) opens.spend(opensPerViolationMax, now)
      },
      left: () => {
        if (left) return
        left = true
        for (const { streams } of accounts) {
          const count = (streams.get(protocol) ?? 0) - 1
          if (count > 0) streams.set(protocol, count)
          else streams.delete(protocol)
        }
      },
    }
  }

  #peer(name: string): Account {
    const { opensPerPeerMax, peerBytesPerSecond } = this.#bounds
    return this.#account(this.#peers, name, opensPerPeerMax, peerBytesPerSecond)
  }

  #network(name: string): Account {
    const { opensPerNetworkMax, networkBytesPerSecond } = this.#bounds
    return this.#account(this.#networks, name, opensPerNetworkMax, networkBytesPerSecond)
  }

  #account(
    accounts: Map<string, Account>,
    name: string,
    opensMax: number,
    bytesPerSecond: number,
  ): Account {
    const now = this.#clock.now()
    let account = accounts.get(name)
    if (account === undefined) {
      account = {
        streams: new Map(),
        // All that it may open at once is there again after a minute.
        opens: new Bucket({ most: opensMax, perSecond: opensMax / 60 }, now),
        bytes: new Bucket({ most: bytesPerSecond / 4, perSecond: bytesPerSecond }, now),
      }
      this.#forgetOne(accounts, now)
    } else {
      accounts.delete(name)
    }
    // The one that was used last stands last.
    accounts.set(name, account)
    return account
  }

  /** Forgets who was not here for the longest, if there are too many; whoever is here stays. */
  #forgetOne(accounts: Map<string, Account>, now: number): void {
    if (accounts.size < this.#bounds.quotasMax) return
    let oldest: string | undefined
    for (const [name, account] of accounts) {
      if (account.streams.size > 0) continue
      oldest ??= name
      if (!account.opens.isFull(now)) continue
      oldest = name
      break
    }
    if (oldest !== undefined) accounts.delete(oldest)
  }
}

const freely: Meter = { spend: () => 0, violated: () => {}, left: () => {} }
