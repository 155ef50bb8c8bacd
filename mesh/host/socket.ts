import type { Transport, Upgrader } from '@libp2p/interface'
import { type TCPComponents, tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Hole } from './hole.ts'
import type { Reach } from './reach.ts'

type DialOptions = Parameters<Transport['dial']>[1]

/** The system's own sign of life, so that a dead peer is found without a timer of ours. */
const alive = { keepAlive: true, keepAliveInitialDelay: 30_000 }

/**
 * TCP, which dials nothing that may not be dialled: the last place before a socket is opened. With
 * a hole, it dials from there wherever it can.
 */
export function socket(
  reach: Reach,
  hole: Hole | undefined,
): (components: TCPComponents) => Transport {
  return (components) => {
    const transport = tcp({ dialOpts: alive, listenOpts: alive })(components)
    const dialFrom = transport.dial.bind(transport)
    const dial = async (address: Multiaddr, options: DialOptions) => {
      if (hole === undefined) return dialFrom(address, options)
      const from = { ...options, localPort: hole.port }
      try {
        hole.left(address, true)
        return await dialFrom(address, hole.answers(address) ? answering(from) : from)
      } catch (cause) {
        hole.left(address, false)
        if (!isTaken(cause)) throw cause
        // Somebody else has the port, or the last connection to this place has not died out yet.
        return dialFrom(address, options)
      }
    }
    return Object.assign(transport, {
      async dial(address: Multiaddr, options: DialOptions) {
        if (!reach.spend(address, performance.now())) {
          throw new Error(`${address} was not configured, and too many hints were followed`)
        }
        const connection = await dial(address, options)
        reach.proven(address)
        return connection
      },
    })
  }
}

/** Dialled, and yet the end that answers: nothing above the socket can tell. */
function answering(options: DialOptions): DialOptions & { readonly initiator: false } {
  const upgrader = Object.assign(Object.create(options.upgrader) as Upgrader, {
    upgradeOutbound: (socket, more) => {
      const answered = Object.assign(socket, { direction: 'inbound' as const })
      return options.upgrader.upgradeOutbound(answered, { ...more, initiator: false })
    },
  } satisfies Pick<Upgrader, 'upgradeOutbound'>)
  return { ...options, upgrader, initiator: false }
}

function isTaken(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
}
