import { type DCUtRServiceComponents, dcutr } from '@libp2p/dcutr'
import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { limits } from '@nexapod/specs'

const portMin = 20_000
const ports = 12_000

/**
 * The hole in this host's router. All its dials leave from one port of its own, so a router that
 * keeps ports (most do) gives them all one port outside; a coordinator sees which. Two hosts that
 * know the other's, and dial it at once, meet in the middle: to each router it looks like an
 * answer. The library has the protocol for that, but dials from a new port each time, and does not
 * believe what is seen of one.
 */
export class Hole {
  /** Below what a system gives out by itself, so that it is free unless somebody chose it. */
  readonly port = portMin + Math.floor(Math.random() * ports)
  readonly #through = new Set<string>()
  readonly #answered = new Set<string>()
  #seen: Multiaddr | undefined

  /** Notes whether the dial to this address left from the port. */
  left(address: Multiaddr, through: boolean): void {
    if (through) this.#through.add(address.toString())
    else this.#through.delete(address.toString())
  }

  /** Notes where a coordinator saw this host. */
  seen({ remoteAddr, direction }: Connection, at: Multiaddr | undefined): void {
    if (at === undefined || direction !== 'outbound') return
    if (this.#through.has(remoteAddr.toString())) this.#seen = at
  }

  /**
   * Dials to be met half-way. Both ends have dialled then, and one has to behave as if it had not:
   * the library says so to its queue of dials, which forgets it.
   */
  async meeting<T>(addresses: readonly Multiaddr[], dial: () => Promise<T>): Promise<T> {
    const texts = addresses.map(String)
    for (const text of texts) this.#answered.add(text)
    try {
      return await dial()
    } finally {
      for (const text of texts) this.#answered.delete(text)
    }
  }

  /** Whether this end is the one that answers. */
  answers(address: Multiaddr): boolean {
    return this.#answered.has(address.toString())
  }

  /** Where others may try to meet this host. */
  addresses(): Multiaddr[] {
    return this.#seen === undefined ? [] : [multiaddr(this.#seen.bytes)]
  }
}

/**
 * The protocol by which two hosts agree to dial each other. What it tells the other is the hole
 * alone: whoever listens has told where already.
 */
export function punch(hole: Hole): (components: DCUtRServiceComponents) => unknown {
  return (components) => {
    const { connectionManager } = components
    const open: typeof connectionManager.openConnection = (to, options) => {
      const dial = () => connectionManager.openConnection(to, options)
      const meets = options?.initiator === false && Array.isArray(to)
      return meets ? hole.meeting(to as Multiaddr[], dial) : dial()
    }
    return dcutr({ timeout: limits.punchMs, retries: limits.punchesMax })({
      peerStore: components.peerStore,
      registrar: components.registrar,
      transportManager: components.transportManager,
      logger: components.logger,
      connectionManager: Object.assign(Object.create(connectionManager), { openConnection: open }),
      addressManager: Object.assign(Object.create(components.addressManager), {
        getAddresses: () => hole.addresses(),
      }),
    })
  }
}
